package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.broker.request.jms.SimulatedClient.Reply;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendEntry;
import io.penstock.storage.log.LogConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Commits that move orders from a queue whose partitions three brokers lead to partitions that three lead, decided by a home of which each
 * is a different one, with a broker killed after each number of events (invariants 23 and 25): what was confirmed is there,
 * what was not is there as a whole or not at all, nothing is there twice, and nothing stays in doubt.
 */
@Timeout(180)
class ClusterCommitSimulationTest {
    private static final int ORDERS = 3;

    /** Who dies: the broker of the client, the home of the decisions, a leader of what is sent to, the first two. */
    enum Victim {
        COORDINATOR,
        HOME,
        PARTICIPANT,
        COORDINATOR_AND_HOME
    }

    @ParameterizedTest
    @CsvSource({
        "1,1,COORDINATOR",
        "2,2,COORDINATOR",
        "3,1,HOME",
        "4,2,HOME",
        "5,1,PARTICIPANT",
        "6,1,COORDINATOR_AND_HOME"
    })
    void allOrNothingWhoeverDies(long seed, int loops, Victim victim) {
        Set<Integer> outcomes = new HashSet<>();
        for (int crashAfter = 0; crashAfter < 360; crashAfter += 5) {
            outcomes.add(crashAt(1_000 * seed + crashAfter, loops, victim, crashAfter));
        }
        assertTrue(outcomes.contains(ORDERS), "crashes afterwards: " + outcomes);
        if (victim != Victim.PARTICIPANT) {
            assertTrue(outcomes.size() > 1, "crashes before, between and after: " + outcomes);
        }
    }

    @Test
    void theHomeIsTheCoordinator() {
        SimulatedCluster cluster = cluster(11, 1, 1);
        World world = new World(cluster);
        List<Reply> replies = world.commitAll(0);
        cluster.runFor(1_000);
        for (Reply reply : replies) {
            assertEquals(PenstockError.NONE, reply.error, reply.message);
        }
        assertEquals(ORDERS, world.check(replies, "no crash"));
    }

    /** Invariant 23: it was decided, and who knows that is dead, as is the broker that has told the client. */
    @Test
    void aRepeatedCommitIsNotSaidToBeRolledBackWhenItsHomeCannotBeAsked() {
        SimulatedCluster cluster = cluster(12, 1, 2);
        SimulatedClient client = SimulatedClient.open(cluster.front(1), null);
        UUID out = client.queue("out");
        List<SendEntry> sends = List.of(client.entryBy(0, out, 0, "a"), client.entryBy(0, out, 1, "b"));
        client.commit(1, 1, sends);
        cluster.kill(1);
        cluster.kill(2);

        SimulatedClient again = new SimulatedClient(cluster.front(3));
        again.ok(again.open((String) null, client.token), OpenConnectionResponse::read);
        Reply repeated = again.await(again.beginCommit(1, 1, sends));

        assertEquals(PenstockError.STORAGE_FAILED, repeated.error, repeated.message);
    }

    private static SimulatedCluster cluster(long seed, int loops, int home) {
        SimulatedCluster cluster = new SimulatedCluster(seed, 3, loops, LogConfig.FlushPolicy.BEFORE_REPLY);
        Map<String, String> queue = Map.of(TopicImage.KIND, "queue", "penstock.retention", "consumed");
        cluster.topic(
                InternalTopics.TRANSACTIONS,
                Map.of("flush.policy", "before-reply", "max.message.bytes", "100000000"),
                home);
        cluster.topic("in", queue, 1, 2, 3);
        cluster.topic("out", queue, 1, 2, 3);
        return cluster;
    }

    private static int crashAt(long seed, int loops, Victim victim, int crashAfterEvents) {
        SimulatedCluster cluster = cluster(seed, loops, 2);
        World world = new World(cluster);
        List<Reply> replies = world.commitAll(crashAfterEvents % 9);
        for (int i = 0; i < crashAfterEvents; i++) {
            cluster.time.step();
        }
        List<Integer> dead =
                switch (victim) {
                    case COORDINATOR -> List.of(1);
                    case HOME -> List.of(2);
                    case PARTICIPANT -> List.of(3);
                    case COORDINATOR_AND_HOME -> List.of(1, 2);
                };
        dead.forEach(cluster::kill);
        cluster.runFor(crashAfterEvents % 2 == 0 ? 50 : 9_000);
        dead.forEach(cluster::restart);
        cluster.runFor(40_000);
        return world.check(replies, victim + " dies after " + crashAfterEvents + " events with seed " + seed);
    }

    /** A client of broker 1 with orders in hand. */
    private static final class World {
        private final SimulatedCluster cluster;
        private final SimulatedClient client;
        private final UUID in;
        private final UUID out;
        private final List<Received> orders;

        World(SimulatedCluster cluster) {
            this.cluster = cluster;
            client = SimulatedClient.open(cluster.front(1), null);
            in = client.queue("in");
            out = client.queue("out");
            for (int i = 0; i < ORDERS; i++) {
                client.send(in, i % 3, "order" + i);
            }
            client.listen(1, 1, in, 100);
            orders = client.awaitMessages(ORDERS).stream()
                    .sorted(Comparator.comparing(Received::text))
                    .toList();
        }

        List<Reply> commitAll(int stepsBetween) {
            List<Reply> replies = new ArrayList<>();
            for (int i = 0; i < ORDERS; i++) {
                // A producer for each: one that is rolled back must not refuse the next ones.
                List<SendEntry> sends = List.of(
                        client.entryBy(i, out, 0, "a" + i),
                        client.entryBy(i, out, 1, "b" + i),
                        client.entryBy(i, out, 2, "c" + i));
                replies.add(client.beginCommit(1, i + 1, sends, orders.get(i)));
                for (int step = 0; step < stepsBetween; step++) {
                    cluster.time.step();
                }
            }
            return replies;
        }

        int check(List<Reply> replies, String what) {
            List<String> texts = new ArrayList<>();
            for (int broker = 1; broker <= 3; broker++) {
                SimulatedClient after = SimulatedClient.open(cluster.front(broker), null);
                after.listen(1, 1, in, 100);
                after.listen(1, 2, out, 100);
                cluster.runFor(8_000);
                texts.addAll(after.texts());
                after.ok(after.settle(1, 1, Disposition.ACCEPT, after.received().toArray(Received[]::new)));
            }
            String at = what + ": " + texts;
            int moved = 0;
            for (int i = 0; i < ORDERS; i++) {
                int order = count(texts, "order" + i);
                int a = count(texts, "a" + i);
                boolean confirmed = replies.get(i).done && replies.get(i).error == PenstockError.NONE;
                boolean refused = replies.get(i).done && replies.get(i).error == PenstockError.TRANSACTION_ROLLED_BACK;
                assertEquals(a, count(texts, "b" + i), at);
                assertEquals(a, count(texts, "c" + i), at);
                if (confirmed) {
                    assertEquals(1, a, "confirmed; " + at);
                } else if (refused) {
                    assertEquals(0, a, "rolled back; " + at);
                }
                moved += a;
                int held = order + a == 0 ? heldByClient(i) : 0;
                assertEquals(1, order + a + held, at);
            }
            return moved;
        }

        /** An order that was rolled back is still the session's while its client lives. */
        private int heldByClient(int order) {
            Reply settled = client.settle(1, 100 + order, Disposition.ACCEPT, orders.get(order));
            return settled.error == PenstockError.NONE ? 1 : 0;
        }
    }

    private static int count(List<String> texts, String text) {
        return (int) texts.stream().filter(text::equals).count();
    }
}
