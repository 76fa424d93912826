package io.penstock.broker.simulation;

import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.replication.ReplicaRules;
import io.penstock.broker.zookeeper.StateInvariants;
import io.penstock.protocol.record.RecordBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One world from one seed: a safety phase with faults and load, then a liveness phase, in which everything is healed and
 * everything must go on to its end.
 */
final class ClusterSimulation {
    private static final long SECOND = SimulatedCluster.SECOND;
    private static final long LIVENESS_LIMIT = 60 * SECOND;
    private static final int FIRST_CLIENT = 100;
    private static final String LOG = "log";

    /** @param seconds of the safety phase */
    record Plan(int brokers, int seconds, boolean forcedBeforeReply, Set<Fault> faults, ReplicaRules rules) {

        /** What a seed alone decides. */
        static Plan of(long seed) {
            return new Plan(seed % 5 == 0 ? 5 : 3, 8, seed % 3 == 0, Set.of(Fault.values()), ReplicaRules.STANDARD);
        }
    }

    final SimulatedCluster cluster;
    final World world;
    final FaultSchedule faults;
    final StateInvariants authority;
    private final Plan plan;
    private final List<Place> places = new ArrayList<>();
    private final List<IdempotentWriter> writers = new ArrayList<>();
    private int nextClient = FIRST_CLIENT;
    int elections;

    ClusterSimulation(long seed, Plan plan) {
        this.plan = plan;
        Map<String, String> settings = new HashMap<>();
        settings.put("flush.policy", plan.forcedBeforeReply ? "before-reply" : "interval");
        settings.put("log.flush.interval.ms", "3000");
        this.cluster = new SimulatedCluster(seed, plan.brokers, plan.rules, settings);
        this.world = new World(cluster);
        this.authority = StateInvariants.watch(cluster.zookeeper);
        authority.onElection((topic, id, before, after) -> elections++);
        this.faults = new FaultSchedule(cluster, authority, plan.forcedBeforeReply, plan.faults, SECOND / 3);
    }

    void run() {
        begin();
        faults.begin();
        cluster.runFor(plan.seconds * SECOND);
        end();
    }

    private void begin() {
        cluster.startAll();
        require(cluster.time.runUntil(cluster::calm, 10 * SECOND), "the cluster does not start");
        create(LOG, 2, Map.of());
        places.add(new Place(LOG, 0));
        places.add(new Place(LOG, 1));
        for (Place place : places) {
            IdempotentWriter writer = new IdempotentWriter(world, nextClient++, place);
            writers.add(writer);
            writer.start();
            new LogReader(world, nextClient++, place).follow();
        }
    }

    private void create(String topic, int partitions, Map<String, String> settings) {
        boolean[] made = {false};
        cluster.broker(1)
                .metadata
                .createTopic(new NewTopic(topic, partitions, (short) 3, null, settings))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        cluster.wrong(topic + " cannot be made", failure);
                    }
                    made[0] = true;
                });
        require(cluster.time.runUntil(() -> made[0], 10 * SECOND), topic + " is not made");
    }

    // ---- the end

    private void end() {
        faults.heal();
        require(until(cluster::calm), "the replicas are not in sync again");
        long wanted = world.progressed() + 10L * writers.size();
        require(until(() -> world.progressed() >= wanted), "the clients do not go on");
        world.stopAfter(0);
        places.forEach(this::readAll);
    }

    private boolean until(java.util.function.BooleanSupplier condition) {
        boolean reached = cluster.time.runUntil(
                () -> {
                    cluster.check();
                    return condition.getAsBoolean();
                },
                LIVENESS_LIMIT);
        cluster.check();
        return reached;
    }

    /** From the beginning, and each sequence of a producer once and in order (14). */
    private void readAll(Place place) {
        LogReader reader = new LogReader(world, nextClient++, place);
        List<RecordBatch> all = new ArrayList<>();
        boolean[] done = {false};
        collect(reader, all, done);
        require(until(() -> done[0]), place + " cannot be read at the end");
        world.truth(place).ends(reader.position, "a reader at the end");
        Map<Long, Integer> sequences = new HashMap<>();
        for (RecordBatch batch : all) {
            if (batch.hasProducerId() && !batch.control()) {
                int next = sequences.getOrDefault(batch.producerId(), 0);
                require(
                        batch.baseSequence() == next,
                        "14: " + place + " has sequence " + batch.baseSequence() + " of producer " + batch.producerId()
                                + " after " + (next - 1));
                sequences.put(batch.producerId(), batch.lastSequence() + 1);
            }
        }
    }

    private static void collect(LogReader reader, List<RecordBatch> all, boolean[] done) {
        reader.fetch(0, batches -> {
            if (batches != null) {
                all.addAll(batches);
                if (batches.isEmpty()) {
                    done[0] = true;
                    return;
                }
            }
            collect(reader, all, done);
        });
    }

    long acknowledged() {
        return writers.stream().mapToLong(writer -> writer.acknowledged).sum();
    }

    private void require(boolean holds, String otherwise) {
        cluster.check();
        if (!holds) {
            throw cluster.wrong(otherwise + cluster.describe());
        }
    }
}
