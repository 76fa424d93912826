package io.penstock.broker.zookeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.IsrChange;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.zookeeper.ControllerSimulation.Node;
import io.penstock.protocol.message.PartitionState;
import io.penstock.protocol.message.UpdatePartitionsRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.zookeeper.ZooDefs.OpCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Invariants 4 to 7 over whole clusters of metadata stores. {@code -Dseeds=N} runs other numbers of seeds, {@code
 * -Dseed=N} one of them.
 */
@Timeout(600)
class ControllerSimulationTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int SEEDS = Integer.getInteger("seeds", 12);

    @Test
    void whatIsCommittedSurvivesEveryElectionAndTheClusterComesToRest() {
        int elections = 0;
        int commits = 0;
        int losses = 0;
        long first = Long.getLong("seed", 1);
        long last = Long.getLong("seed", SEEDS);
        for (long seed = first; seed <= last; seed++) {
            ControllerSimulation run = run(seed, simulation -> {});
            elections += run.elections;
            commits += run.commits;
            losses += run.losses;
        }
        System.out.println(elections + " elections, " + commits + " commits, " + losses
                + " elections of a last one standing that had lost data");
        assertTrue(elections > 0 && commits > 0, elections + " elections, " + commits + " commits");
    }

    @Test
    void theSameSeedIsTheSameRun() {
        assertTrue(run(3, simulation -> {}).time.eventsRun()
                == run(3, simulation -> {}).time.eventsRun());
    }

    @Test
    void callsOfOlderControllersAndForOtherLivesAreRefused() {
        ControllerSimulation simulation = new ControllerSimulation(5, 3, 1);
        simulation.time.runFor(SECOND);
        simulation.createTopic("t", 1, 3);
        simulation.time.runFor(SECOND);
        Node node = simulation.node(2);
        int epoch = node.store.members().controllerEpoch();
        long life = node.store.image().broker(2).orElseThrow().epoch();
        TopicImage topic = node.store.image().topic("t").orElseThrow();
        int version = topic.partitions().get(0).version();

        assertEquals(Reason.STALE, refusal(simulation, node, call(topic, version + 7, epoch - 1, life)));
        assertEquals(Reason.STALE, refusal(simulation, node, call(topic, version + 7, epoch, life - 1)));
        assertEquals(topic, node.store.image().topic("t").orElseThrow());
        assertNull(refusal(simulation, node, call(topic, version + 7, epoch, life)));
        assertEquals(
                version + 7,
                node.store.image().topic("t").orElseThrow().partitions().get(0).version());
        // A newer controller has called: the one before is not heard any more, whatever ZooKeeper has told so far.
        assertNull(refusal(simulation, node, call(topic, version + 5, epoch + 1, life)));
        assertEquals(Reason.STALE, refusal(simulation, node, call(topic, version + 9, epoch, life)));
        assertEquals(
                version + 7,
                node.store.image().topic("t").orElseThrow().partitions().get(0).version());
    }

    private static UpdatePartitionsRequest call(TopicImage topic, int version, int controllerEpoch, long life) {
        PartitionImage now = topic.partitions().get(0);
        return new UpdatePartitionsRequest(
                1,
                controllerEpoch,
                life,
                List.of(new PartitionState(
                        "t",
                        topic.id(),
                        0,
                        now.leader(),
                        now.leaderEpoch(),
                        now.replicas(),
                        now.isr(),
                        List.of(),
                        version,
                        0,
                        List.of(),
                        List.of(),
                        List.of())));
    }

    /** Null when it was taken. */
    private static Reason refusal(ControllerSimulation simulation, Node node, UpdatePartitionsRequest request) {
        Reason[] refusal = {null};
        node.store.update(request).whenComplete((done, failure) -> {
            if (failure != null) {
                refusal[0] = ((MetadataException) failure).reason();
            }
        });
        simulation.time.runFor(SECOND / 1_000);
        return refusal[0];
    }

    @Test
    void aLeavingBrokerLeadsNothingAndIsInNoIsrWhenItIsLetGo() {
        ControllerSimulation simulation = new ControllerSimulation(6, 3, 1);
        simulation.time.runFor(SECOND);
        simulation.createTopic("t", 6, 3);
        simulation.time.runFor(SECOND);
        Node leaving = simulation.controller();
        boolean[] let = {false};

        leaving.store.leave().thenRun(() -> let[0] = true);

        assertTrue(simulation.time.runUntil(() -> let[0], SECOND));
        for (PartitionImage partition :
                leaving.store.image().topic("t").orElseThrow().partitions()) {
            assertTrue(partition.leader() > 0 && partition.leader() != leaving.id, partition.toString());
            assertTrue(!partition.isr().contains(leaving.id), partition.toString());
        }
    }

    /** All that a move needs to go on stands in ZooKeeper. */
    @Test
    void aMoveIsCompletedWhicheverControllersDieMeanwhile() {
        for (int seed = 1; seed <= 15; seed++) {
            ControllerSimulation simulation = new ControllerSimulation(seed, 5, 2);
            simulation.time.runFor(SECOND);
            create(simulation.node(3), "t", List.of(1, 2, 3));
            simulation.time.runFor(SECOND);
            TopicImage topic = simulation.node(3).store.image().topic("t").orElseThrow();
            PartitionKey key = new PartitionKey("t", topic.id(), 0);
            simulation.reassign(simulation.node(3), key, List.of(4, 5, 3));
            for (int deaths = 0; deaths < 4; deaths++) {
                simulation.time.runFor(simulation.time.random().nextLong(SECOND / 20));
                assertTrue(simulation.time.runUntil(simulation::hasController, 60 * SECOND));
                Node controller = simulation.controller();
                controller.kill();
                simulation.time.runFor(simulation.time.random().nextLong(SECOND / 5));
                controller.start(true);
            }
            rest(simulation);
            PartitionImage after = simulation
                    .node(1)
                    .store
                    .image()
                    .topic("t")
                    .orElseThrow()
                    .partitions()
                    .get(0);
            assertEquals(List.of(4, 5, 3), after.replicas(), "seed " + seed);
        }
    }

    @Test
    void aBrokerThatIsElectedBeforeItHasReadItsOwnRegistrationLeads() {
        for (int seed = 1; seed <= 3; seed++) {
            leadsAfterSlowStart(seed);
        }
    }

    /** Something is to be read all the time, so that at times the registration and the election are read together. */
    private static void leadsAfterSlowStart(int seed) {
        ControllerSimulation simulation = new ControllerSimulation(seed, 3, 1);
        simulation.time.runFor(SECOND);
        create(simulation.node(3), "t", List.of(1, 2));
        simulation.time.runFor(SECOND);
        simulation.node(1).kill();
        assertTrue(simulation.time.runUntil(() -> leader(simulation, 3) == 2, 60 * SECOND));
        simulation.node(2).kill();
        assertTrue(simulation.time.runUntil(() -> leader(simulation, 3) == -1, 60 * SECOND));

        simulation.node(2).start(true);
        simulation.node(2).slow(SECOND / 10 + seed * SECOND / 50);
        assertTrue(simulation.time.runUntil(() -> leader(simulation, 2) == -1, 60 * SECOND));
        for (int i = 0; i < 60; i++) {
            simulation.node(3).store.alterBrokerConfig(3, Map.of("log.retention.hours", Integer.toString(i + 1)));
            simulation.time.runFor(SECOND / 10);
        }

        assertTrue(simulation.time.runUntil(() -> leader(simulation, 3) == 2, 60 * SECOND));
        assertTrue(
                simulation.time.runUntil(() -> leader(simulation, 2) == 2, 60 * SECOND),
                () -> "seed " + seed + simulation.describe());
    }

    private static void create(Node at, String name, List<Integer> replicas) {
        at.store.createTopic(new NewTopic(name, 1, (short) -1, List.of(replicas), Map.of()));
    }

    /** Of topic t, as a broker sees it. */
    private static int leader(ControllerSimulation simulation, int broker) {
        return simulation
                .node(broker)
                .store
                .image()
                .topic("t")
                .map(topic -> topic.partitions().get(0).leader())
                .orElse(-2);
    }

    @Test
    void aControllerThatDoesNotCheckItsEpochIsFound() {
        losesItsOffice(simulation -> {});
        AssertionError found = assertThrows(
                AssertionError.class,
                () -> losesItsOffice(simulation -> simulation.zookeeper.ignoreChecks(
                        op -> op.getType() == OpCode.check && op.getPath().equals(ZNodes.CONTROLLER_EPOCH))));
        assertTrue(found.getMessage().contains("by controller epoch"), found.getMessage());
    }

    /** A controller is taken for dead while a write of it is on its way (a zombie). */
    private static void losesItsOffice(Consumer<ControllerSimulation> sabotage) {
        ControllerSimulation simulation = new ControllerSimulation(1, 3, 1);
        sabotage.accept(simulation);
        simulation.time.runFor(SECOND);
        Node zombie = simulation.controller();
        zombie.slow(SECOND / 2);
        zombie.store.createTopic(new NewTopic("t", 2, (short) 3, null, Map.of()));
        zombie.deaf = true;
        simulation.time.runFor(SECOND);
        assertTrue(simulation.controller() != zombie, "the controller is still in office");
        zombie.deaf = false;
        zombie.slow(0);
        rest(simulation);
    }

    @Test
    void anIsrThatGrowsWithoutTheBrokersEpochIsFound() {
        addsOneThatRestartsMeanwhile(simulation -> {});
        AssertionError found = assertThrows(
                AssertionError.class,
                () -> addsOneThatRestartsMeanwhile(simulation -> simulation.zookeeper.ignoreChecks(
                        op -> op.getType() == OpCode.check && op.getPath().startsWith(ZNodes.BROKER_EPOCHS))));
        assertTrue(found.getMessage().contains("by now in life"), found.getMessage());
    }

    @Test
    void statesThatAreWrittenWithoutTheirVersionAreFound() {
        found(simulation -> simulation.zookeeper.ignoreChecks(
                op -> op.getType() == OpCode.setData && ZNodes.partitionOfState(op.getPath()) >= 0));
    }

    /** A follower catches up, loses power and is back before its leader's wish to add it arrives (KIP-903). */
    private static void addsOneThatRestartsMeanwhile(Consumer<ControllerSimulation> sabotage) {
        ControllerSimulation simulation = new ControllerSimulation(1, 3, 1);
        sabotage.accept(simulation);
        simulation.time.runFor(SECOND);
        simulation.createTopic("t", 1, 3);
        simulation.time.runFor(SECOND);
        TopicImage topic = simulation.nodes.get(0).store.image().topic("t").orElseThrow();
        Node leader = simulation.node(topic.partitions().get(0).leader());
        Node follower = simulation.node(leader.id % 3 + 1);
        follower.kill();
        simulation.time.runFor(SECOND);
        follower.start(false);
        int[] asked = {0};
        simulation.zookeeper.onWrite(write -> {
            if (write.path().equals(ZNodes.brokerEpoch(follower.id))) {
                // The second life is just registered. Its leader knows of the first only, and has waited to add it.
                PartitionImage now = leader.store
                        .image()
                        .topic("t")
                        .orElseThrow()
                        .partitions()
                        .get(0);
                long known = leader.store
                        .image()
                        .broker(follower.id)
                        .map(BrokerImage::epoch)
                        .orElse(-1L);
                if (known > 0 && !now.isr().contains(follower.id)) {
                    asked[0]++;
                    List<Integer> isr = new ArrayList<>(now.isr());
                    isr.add(follower.id);
                    leader.store.changeIsr(
                            topic.id(),
                            0,
                            new IsrChange(
                                    now.leaderEpoch(), now.version(), isr, List.of(), Map.of(follower.id, known)));
                }
            }
        });
        for (int i = 0; i < 100 && asked[0] < 3; i++) {
            simulation.time.runFor(simulation.time.random().nextLong(SECOND / 20));
            follower.kill();
            follower.start(false);
            simulation.time.runFor(SECOND / 50);
        }
        assertTrue(asked[0] > 0, "the race did not come about");
        rest(simulation);
    }

    private static void found(Consumer<ControllerSimulation> sabotage) {
        AssertionError found = null;
        for (long seed = 1; seed <= 150 && found == null; seed++) {
            try {
                run(seed, sabotage);
            } catch (AssertionError e) {
                found = e;
                System.out.println("found: " + e.getMessage());
            }
        }
        assertNotNull(found, "150 seeds did not find it");
    }

    private static ControllerSimulation run(long seed, Consumer<ControllerSimulation> sabotage) {
        int brokers = seed % 3 == 0 ? 5 : 3;
        ControllerSimulation simulation = new ControllerSimulation(seed, brokers, seed % 2 == 0 ? 2 : 1);
        sabotage.accept(simulation);
        try {
            simulation.time.runFor(2 * SECOND);
            for (int i = 0; i < 6; i++) {
                simulation.createTopic("t" + i, 2, 3);
            }
            simulation.time.runFor(SECOND);
            for (int i = 0; i < 60; i++) {
                disturb(simulation, i);
                simulation.time.runFor(simulation.time.random().nextLong(SECOND / 2));
            }
            rest(simulation);
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
        return simulation;
    }

    private static void disturb(ControllerSimulation simulation, int step) {
        Node node = simulation.nodes.get(simulation.time.random().nextInt(simulation.nodes.size()));
        switch (simulation.time.random().nextInt(14)) {
            case 0, 1 -> {
                if (node.up) {
                    node.kill();
                } else {
                    node.start(true);
                }
            }
            case 2 -> {
                if (node.up) {
                    node.cutPower();
                    simulation.time.runFor(simulation.time.random().nextLong(SECOND / 20));
                    node.start(false);
                }
            }
            case 3 -> {
                if (node.acts()) {
                    node.pause();
                    simulation.time.after(simulation.time.random().nextLong(4 * SECOND), () -> {
                        if (node.up && node.paused) {
                            node.resume();
                        }
                    });
                }
            }
            case 4 -> {
                if (node.up) {
                    node.cutOff();
                    simulation.time.after(simulation.time.random().nextLong(4 * SECOND), node::heal);
                }
            }
            case 5 -> {
                if (node.up) {
                    node.hiccup();
                }
            }
            case 6 -> simulation.createTopic("more" + step, 1 + step % 2, 1 + step % 3);
            case 7 -> simulation.deleteTopic("t" + step % 6);
            case 8 -> simulation.createTopic("t" + step % 6, 2, 3);
            case 9, 10 -> simulation.reassign(false);
            case 11 -> simulation.reassign(true);
            case 12 -> simulation.elect();
            default -> {
                // A quiet moment.
            }
        }
    }

    /** Liveness: without faults everything gets a leader and all replicas, in bounded time. */
    private static void rest(ControllerSimulation simulation) {
        for (Node node : simulation.nodes) {
            node.heal();
            if (!node.up) {
                node.start(true);
            } else if (node.paused) {
                node.resume();
            }
        }
        assertTrue(
                simulation.time.runUntil(simulation::calm, 15 * SECOND),
                () -> "the cluster did not come to rest: " + simulation.describe());
        simulation.time.runFor(SECOND / 5);
        simulation.checkMoves();
    }
}
