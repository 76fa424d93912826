package io.penstock.broker.simulation;

import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.zookeeper.StateInvariants;
import io.penstock.protocol.record.RecordBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/**
 * One world from one seed: a safety phase with faults and load, then a liveness phase, in which everything is healed and
 * everything must go on to its end.
 */
final class ClusterSimulation {
    private static final long SECOND = SimulatedCluster.SECOND;
    private static final long LIVENESS_LIMIT = 60 * SECOND;
    private static final long LOOK_NANOS = 20_000_000;
    private static final int FIRST_CLIENT = 100;
    private static final String LOG = "log";
    private static final String QUEUE = "queue";

    final SimulatedCluster cluster;
    final World world;
    final FaultSchedule faults;
    final StateInvariants authority;
    private final Plan plan;
    /** Logs that keep everything, to be read at the end. */
    private final List<Place> logs = new ArrayList<>();

    private final List<IdempotentWriter> writers = new ArrayList<>();
    private int nextClient = FIRST_CLIENT;
    int elections;

    ClusterSimulation(long seed, Plan plan) {
        this.plan = plan;
        Map<String, String> settings = new HashMap<>();
        settings.put("flush.policy", plan.forcedBeforeReply() ? "before-reply" : "interval");
        settings.put("log.flush.interval.ms", "3000");
        this.cluster = new SimulatedCluster(seed, plan.brokers(), plan.bug(), settings);
        this.world = new World(cluster);
        this.authority = StateInvariants.watch(cluster.zookeeper);
        cluster.onPush((broker, client, frame) -> world.pushed(client, frame, place -> leads(broker, place)));
        authority.onElection((topic, id, before, after) -> elections++);
        this.faults = new FaultSchedule(
                cluster, authority, plan.forcedBeforeReply(), plan.faults(), plan.paceMillis() * 1_000_000L);
    }

    void run() {
        begin();
        faults.begin();
        cluster.runFor(plan.seconds() * SECOND);
        end();
    }

    private void begin() {
        cluster.startAll();
        require(until(cluster::calm), "the cluster does not start");
        create(LOG, 2, Map.of());
        for (int i = 0; i < 2; i++) {
            Place place = new Place(LOG, i);
            logs.add(place);
            write(new KafkaTransport(world, nextClient++, place), place);
            new LogReader(world, nextClient++, place).follow();
        }
        UUID queueId = create(QUEUE, 2, Map.of("penstock.kind", "queue"));
        for (int i = 0; i < 2; i++) {
            Place place = new Place(QUEUE, i);
            write(new JmsTransport(world, nextClient++, place, queueId), place);
            for (int k = 0; k < 2; k++) {
                world.consumes(nextClient, place);
                new QueueConsumer(world, nextClient++, place, queueId).connect();
            }
        }
    }

    private void write(IdempotentWriter.Transport transport, Place place) {
        IdempotentWriter writer = new IdempotentWriter(world, transport, place);
        writers.add(writer);
        writer.start();
    }

    private UUID create(String topic, int partitions, Map<String, String> settings) {
        UUID[] made = {null};
        cluster.broker(1)
                .metadata
                .createTopic(new NewTopic(topic, partitions, (short) 3, null, settings))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        cluster.wrong(topic + " cannot be made", failure);
                    }
                    made[0] = done.id();
                });
        require(until(() -> made[0] != null), topic + " is not made");
        return made[0];
    }

    // ---- the end

    private void end() {
        faults.heal();
        world.calm();
        require(until(cluster::calm), "the replicas are not in sync again");
        long wanted = world.progressed() + 10L * writers.size();
        require(until(() -> world.progressed() >= wanted), "the clients do not go on");
        world.stopAfter(0);
        require(until(this::allSettled), "messages are left: " + left());
        logs.forEach(this::readAll);
    }

    /** Whether a broker leads by the authority's word. */
    private boolean leads(int broker, Place place) {
        return authority
                .state(place.topic(), place.partition())
                .map(state -> state.leader() == broker)
                .orElse(false);
    }

    private boolean allSettled() {
        return world.queues().entrySet().stream().allMatch(each -> each.getValue()
                .unsettled(world.truth(each.getKey()).ids().keySet())
                .isEmpty());
    }

    private String left() {
        StringBuilder text = new StringBuilder();
        world.queues().forEach((place, queue) -> text.append(place)
                .append(' ')
                .append(queue.unsettled(world.truth(place).ids().keySet()))
                .append("; "));
        return text.toString();
    }

    /** Looks now and then: what is waited for costs more to see than an event. */
    private boolean until(BooleanSupplier condition) {
        long limit = cluster.time.nanos() + LIVENESS_LIMIT;
        while (cluster.time.nanos() < limit) {
            cluster.runFor(LOOK_NANOS);
            if (condition.getAsBoolean()) {
                return true;
            }
        }
        return false;
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

    long settled() {
        return world.queues().values().stream().mapToLong(QueueModel::confirmed).sum();
    }

    long redelivered() {
        return world.queues().values().stream()
                .mapToLong(queue -> queue.redeliveries)
                .sum();
    }

    private void require(boolean holds, String otherwise) {
        cluster.check();
        if (!holds) {
            throw cluster.wrong(otherwise + cluster.describe());
        }
    }
}
