package io.penstock.broker.simulation;

import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.zookeeper.StateInvariants;
import io.penstock.protocol.record.RecordBatch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * One world from one seed: a safety phase with faults and load, then a liveness phase, in which everything is healed and
 * everything must go on to its end.
 */
final class ClusterSimulation {
    private static final long SECOND = SimulatedCluster.SECOND;
    private static final long LIVENESS_LIMIT = 60 * SECOND;
    private static final long LOOK_NANOS = 20_000_000;
    /** What arrives late is worst in a transaction (15). */
    private static final int DISTURBED_MORE = 5;

    private static final int FIRST_CLIENT = 100;
    private static final String LOG = "log";
    private static final String QUEUE = "queue";
    private static final String TRANSACTED = "transacted";

    final SimulatedCluster cluster;
    final World world;
    final FaultSchedule faults;
    final StateInvariants authority;
    private final Plan plan;
    /** Logs that keep everything, to be read at the end. */
    private final List<Place> logs = new ArrayList<>();

    private final List<Place> transacted = new ArrayList<>();
    private final List<TransactionalWriter> transactors = new ArrayList<>();
    private final List<IdempotentWriter> writers = new ArrayList<>();
    private final List<QueueConsumer> consumers = new ArrayList<>();
    /** Machines to whose connections something happens, those of whom it is expected most several times. */
    private final List<Integer> disturbed = new ArrayList<>();

    private int nextClient = FIRST_CLIENT;
    int elections;

    ClusterSimulation(long seed, Plan plan) {
        this.plan = plan;
        Map<String, String> settings = new HashMap<>();
        settings.put("flush.policy", plan.forcedBeforeReply() ? "before-reply" : "interval");
        settings.put("leader.imbalance.check.interval.seconds", "1");
        settings.put("leader.imbalance.per.broker.percentage", "0");
        settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
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
        IntStream.range(FIRST_CLIENT, nextClient).forEach(disturbed::add);
        faults.begin(disturbed);
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
        transact();
        UUID queueId = create(QUEUE, 2, Map.of("penstock.kind", "queue"));
        for (int i = 0; i < 2; i++) {
            Place place = new Place(QUEUE, i);
            write(new JmsTransport(world, nextClient++, place, queueId), place);
            for (int k = 0; k < 2; k++) {
                world.consumes(nextClient, place);
                QueueConsumer consumer = new QueueConsumer(world, nextClient++, place, queueId);
                consumers.add(consumer);
                consumer.connect();
            }
        }
    }

    private void transact() {
        create(TRANSACTED, 2, Map.of());
        List<Place> both = List.of(new Place(TRANSACTED, 0), new Place(TRANSACTED, 1));
        for (Place place : both) {
            transacted.add(place);
            new LogReader(world, nextClient++, place).committedOnly().follow();
        }
        for (int i = 0; i < 2; i++) {
            disturbed.addAll(Collections.nCopies(DISTURBED_MORE, nextClient));
            TransactionalWriter writer = new TransactionalWriter(world, nextClient++, "writer-" + i, both);
            transactors.add(writer);
            writer.start();
        }
    }

    private void write(IdempotentWriter.Transport transport, Place place) {
        IdempotentWriter writer = new IdempotentWriter(world, transport, place);
        writers.add(writer);
        writer.start();
    }

    private UUID create(String topic, int partitions, Map<String, String> settings) {
        return create(new NewTopic(topic, partitions, (short) 3, null, settings));
    }

    private UUID create(NewTopic topic) {
        UUID[] made = {null};
        cluster.broker(1).metadata.createTopic(topic).whenComplete((done, failure) -> {
            if (failure != null) {
                cluster.wrong(topic.name() + " cannot be made", failure);
            }
            made[0] = done.id();
        });
        require(until(() -> made[0] != null), topic.name() + " is not made");
        return made[0];
    }

    // ---- the end

    private void end() {
        faults.heal();
        world.calm();
        require(until(cluster::calm), "the replicas are not in sync again");
        long wanted = world.progressed() + 5L * writers.size();
        require(until(() -> world.progressed() >= wanted), "the clients do not go on");
        world.stopAfter(0);
        require(until(this::allSettled), "messages are left: " + left());
        logs.forEach(this::readAll);
        readCommitted();
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
        consumers.forEach(consumer -> text.append('\n').append(consumer));
        return text.toString();
    }

    /** Everything is decided (15), and seen by those who read only that. */
    private void readCommitted() {
        require(
                until(() -> transactors.stream().allMatch(TransactionalWriter::idle)),
                "transactional producers do not come to their end");
        for (Place place : transacted) {
            LogReader reader = new LogReader(world, nextClient++, place).committedOnly();
            boolean[] done = {false};
            readDecided(reader, done);
            require(until(() -> done[0]), "15: " + place + " stays undecided, or cannot be read, at the end");
        }
        world.transactions().finish();
    }

    private void readDecided(LogReader reader, boolean[] done) {
        reader.fetch(50, batches -> {
            if (batches != null
                    && batches.isEmpty()
                    && reader.decided()
                    && reader.position >= world.truth(reader.place).end()) {
                done[0] = true;
            } else {
                world.later(1, () -> readDecided(reader, done));
            }
        });
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
        require(
                until(() -> done[0]),
                "13: " + place + " ends at " + reader.position + " for a reader at the end, and had "
                        + world.truth(place).end());
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

    private void collect(LogReader reader, List<RecordBatch> all, boolean[] done) {
        reader.fetch(0, batches -> {
            if (batches != null) {
                all.addAll(batches);
                // A new leader shows what is committed when it knows that it is.
                if (batches.isEmpty()
                        && reader.position >= world.truth(reader.place).end()) {
                    done[0] = true;
                    return;
                }
            }
            world.later(1, () -> collect(reader, all, done));
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
