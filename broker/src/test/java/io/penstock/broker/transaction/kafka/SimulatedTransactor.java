package io.penstock.broker.transaction.kafka;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * One instance of a client with a transactional id, as Kafka's clients behave: one transaction after the other, requests
 * that are repeated until they are answered, and messages on a network that may lose them or bring them late. It may stop at
 * any moment, and may go on as a zombie when another instance has its id.
 */
final class SimulatedTransactor {
    private static final long MILLISECOND = 1_000_000L;
    private static final long REQUEST_NANOS = 500 * MILLISECOND;
    private static final long RETRY_NANOS = 50 * MILLISECOND;

    final String id;
    private final int version;
    private final TransactionSimulation world;
    private final RecordBatchBuilder builder = new RecordBatchBuilder(1024);
    private ProducerIdentity identity;
    private final Map<Integer, Integer> sequences = new HashMap<>();
    private final Set<Integer> added = new HashSet<>();
    private TransactionSimulation.Known now;
    private int sendsLeft;
    private boolean stopped;

    SimulatedTransactor(TransactionSimulation world, String id, int version) {
        this.world = world;
        this.id = id;
        this.version = version;
    }

    void stop() {
        stopped = true;
    }

    void start() {
        this.<InitResult>ask(
                (host, reply) -> host.init(id, TransactionSimulation.TIMEOUT_MILLIS, reply), false, result -> {
                    switch (result.error()) {
                        case NONE -> {
                            become(result.producer());
                            begin();
                        }
                        default -> world.after(RETRY_NANOS, this::start);
                    }
                });
    }

    private void become(ProducerIdentity next) {
        if (!next.equals(identity)) {
            sequences.clear();
        }
        identity = next;
    }

    private void begin() {
        if (stopped || world.calm()) {
            return;
        }
        now = world.begin(identity, version);
        added.clear();
        sendsLeft = 1 + world.random(5);
        world.after(world.random(200) * MILLISECOND, this::send);
    }

    private void send() {
        if (stopped) {
            return;
        }
        if (sendsLeft-- == 0) {
            finish();
            return;
        }
        int partition = world.random(TransactionHost.PARTITIONS);
        if (version < Transaction.WITH_EPOCH_BUMP && !added.contains(partition)) {
            addThenProduce(partition);
        } else {
            produce(partition);
        }
    }

    private void addThenProduce(int partition) {
        ProducerIdentity client = identity;
        this.<TransactionError>ask(
                // A late repetition would begin another transaction: what version 1 cannot tell apart.
                (host, reply) -> host.add(id, client, partition, reply), false, error -> {
                    switch (error) {
                        case NONE -> {
                            added.add(partition);
                            produce(partition);
                        }
                        case CONCURRENT_TRANSACTIONS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR ->
                            world.after(RETRY_NANOS, () -> addThenProduce(partition));
                        default -> fenced();
                    }
                });
    }

    private void produce(int partition) {
        int records = 1 + world.random(3);
        int sequence = sequences.getOrDefault(partition, 0);
        sequences.put(partition, sequence + records);
        builder.start(Compression.NONE, identity.producerId(), identity.epoch(), sequence)
                .transactional();
        String[] values = new String[records];
        for (int i = 0; i < records; i++) {
            values[i] = now.number + ":" + world.nextRecord();
            builder.beginRecord(0)
                    .key(null)
                    .value(values[i].getBytes(StandardCharsets.US_ASCII))
                    .endRecord();
        }
        ByteBuffer built = builder.build();
        byte[] batch = new byte[built.remaining()];
        built.get(batch);
        produce(partition, batch, values, now, 0);
        if (world.percent(5)) {
            // Gives up while the batch is under way: it may arrive behind the end.
            abort();
        }
    }

    private void produce(
            int partition, byte[] batch, String[] values, TransactionSimulation.Known transaction, int tries) {
        ProducerIdentity client = identity;
        this.<TransactionHost.Produced>ask(
                (host, reply) -> host.produce(id, client, partition, version, batch, (outcome, offset) -> {
                    if (outcome == TransactionHost.Produced.DONE && transaction.asked == null) {
                        transaction.acknowledged(partition, values);
                    }
                    reply.accept(outcome);
                }),
                true,
                outcome -> {
                    if (transaction != now || transaction.asked != null) {
                        return;
                    }
                    switch (outcome) {
                        case DONE -> world.after(world.random(30) * MILLISECOND, this::send);
                        case RETRY -> {
                            if (tries < 20) {
                                world.after(
                                        RETRY_NANOS, () -> produce(partition, batch, values, transaction, tries + 1));
                            } else {
                                abort();
                            }
                        }
                        case REFUSED -> abort();
                        case FENCED -> fenced();
                    }
                });
    }

    private void finish() {
        if (world.percent(12)) {
            // The process dies with its transaction open: the time-out ends it, or the next instance.
            stopped = true;
            world.replace(this, world.random(2 * TransactionSimulation.TIMEOUT_MILLIS) * MILLISECOND);
        } else if (world.percent(75)) {
            end(true);
        } else {
            end(false);
        }
    }

    private void abort() {
        if (now.asked == null) {
            end(false);
        }
    }

    private void end(boolean commit) {
        TransactionSimulation.Known transaction = now;
        transaction.asked = commit;
        end(transaction, commit);
    }

    private void end(TransactionSimulation.Known transaction, boolean commit) {
        ProducerIdentity client = identity;
        this.<InitResult>ask(
                (host, reply) -> host.end(id, client, commit, version, reply),
                version >= Transaction.WITH_EPOCH_BUMP,
                result -> {
                    if (transaction != now || transaction.answered) {
                        return;
                    }
                    switch (result.error()) {
                        case NONE -> {
                            transaction.answered = true;
                            world.ended(transaction);
                            become(result.producer());
                            if (version < Transaction.WITH_EPOCH_BUMP && !commit) {
                                // What was refused or given up leaves a gap in the sequences.
                                start();
                            } else {
                                begin();
                            }
                        }
                        case CONCURRENT_TRANSACTIONS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR ->
                            world.after(RETRY_NANOS, () -> end(transaction, commit));
                        default -> fenced();
                    }
                });
    }

    /** Somebody else has the id, or the coordinator has ended the transaction: another instance begins anew. */
    private void fenced() {
        if (!stopped) {
            stopped = true;
            world.fenced();
            world.replace(this, (200 + world.random(3_000)) * MILLISECOND);
        }
    }

    /** Sends a request, and again when no answer comes in time; the first answer counts. */
    private <T> void ask(Request<T> request, boolean mayBeLate, Consumer<T> answer) {
        boolean[] answered = {false};
        attempt(request, mayBeLate, answered, answer);
    }

    private <T> void attempt(Request<T> request, boolean mayBeLate, boolean[] answered, Consumer<T> answer) {
        if (stopped || answered[0]) {
            return;
        }
        boolean lost = world.percent(3);
        if (!lost) {
            long delay = mayBeLate && world.percent(3)
                    ? world.random(TransactionSimulation.TIMEOUT_MILLIS) * MILLISECOND
                    : world.random(5_000) * 1_000L;
            world.after(delay, () -> {
                TransactionHost host = world.host();
                if (host != null) {
                    request.send(host, reply -> reply(answered, answer, reply));
                }
            });
        }
        world.after(REQUEST_NANOS, () -> attempt(request, mayBeLate, answered, answer));
    }

    private <T> void reply(boolean[] answered, Consumer<T> answer, T reply) {
        if (world.percent(3)) {
            return;
        }
        world.after(world.random(5_000) * 1_000L, () -> {
            if (!answered[0] && !stopped) {
                answered[0] = true;
                answer.accept(reply);
            }
        });
    }

    /** A request at the broker. */
    private interface Request<T> {
        void send(TransactionHost host, Consumer<T> reply);
    }
}
