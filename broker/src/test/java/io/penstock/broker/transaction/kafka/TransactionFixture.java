package io.penstock.broker.transaction.kafka;

import io.penstock.broker.shard.ShardLog;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One shard of the coordinator on simulated time, over a log in memory that commits in order after a while, with
 * partitions that keep their markers; all of it can crash and be loaded again.
 */
final class TransactionFixture {
    static final String ID = "tx";
    private static final long COMMIT_MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    final SimulatedTime time;
    final List<byte[]> entries = new ArrayList<>();
    private long entryBytes;
    /** How many of {@link #entries} are committed. */
    int committed;

    /** What each partition got; markers stay over crashes of the coordinator. */
    final Map<TransactionPartition, List<MarkerPort.Marker>> markers = new HashMap<>();
    /** Asked for each marker before it is written. */
    java.util.function.Function<TransactionPartition, MarkerPort.Outcome> markerOutcome =
            partition -> MarkerPort.Outcome.COMMITTED;

    long nextProducerId = 100;
    boolean diskFull;
    /** False while another may coordinate without this one knowing. */
    boolean serving = true;

    int lives;
    TransactionShard shard;
    SimulatedOwner owner;

    TransactionFixture(long seed) {
        time = new SimulatedTime(seed);
        load();
    }

    static TransactionConfig config() {
        return new TransactionConfig(3_600_000, 60_000, 100, 60_000, 1, (short) 1, 1, 50, 100, 1_000, 50, 4_000);
    }

    static TransactionPartition partition(int index) {
        return new TransactionPartition(new UUID(1, 1), "t", index);
    }

    void load() {
        lives++;
        owner = new SimulatedOwner(time, "shard");
        SimulatedOwner mine = owner;
        shard = new TransactionShard(
                0,
                owner,
                time,
                config(),
                (partition, marker, done) -> time.after(time.random().nextLong(3_000_000), () -> {
                    MarkerPort.Outcome outcome = markerOutcome.apply(partition);
                    if (outcome == MarkerPort.Outcome.COMMITTED) {
                        markers.computeIfAbsent(partition, made -> new ArrayList<>())
                                .add(marker);
                    }
                    done.accept(outcome);
                }),
                done -> mine.schedule(
                        () -> done.accept(nextProducerId++), time.random().nextLong(2_000_000)),
                lives);
        for (byte[] entry : entries) {
            try {
                TransactionRecordCodec.decode(ByteBuffer.wrap(entry), shard::replay);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        shard.activate(new Log(mine, lives), failure -> {
            throw new AssertionError("the log did not fail", failure);
        });
    }

    /** The process and the power are gone; a prefix of what was not committed may survive. */
    void crash() {
        owner.kill();
        int keep = committed + time.random().nextInt(entries.size() - committed + 1);
        entries.subList(keep, entries.size()).clear();
        entryBytes = entries.stream().mapToLong(entry -> entry.length).sum();
        committed = keep;
        load();
    }

    private final class Log implements ShardLog<TransactionRecord> {
        private final SimulatedOwner mine;
        private final int life;
        private long lastCommitAt;

        Log(SimulatedOwner mine, int life) {
            this.mine = mine;
            this.life = life;
        }

        @Override
        public void append(List<TransactionRecord> records, Appended done) {
            if (diskFull) {
                done.done(new DiskFullException("full", null));
                return;
            }
            ByteBuffer batch = TransactionRecordCodec.encode(records, time.millis());
            byte[] bytes = new byte[batch.remaining()];
            batch.get(bytes);
            entries.add(bytes);
            entryBytes += bytes.length;
            int upTo = entries.size();
            lastCommitAt = Math.max(lastCommitAt, time.nanos() + time.random().nextLong(COMMIT_MAX_NANOS));
            mine.schedule(
                    () -> {
                        if (life == lives) {
                            committed = Math.max(committed, upTo);
                            done.done(null);
                        }
                    },
                    lastCommitAt - time.nanos());
        }

        @Override
        public long endOffset() {
            return entries.size();
        }

        @Override
        public boolean serving() {
            return serving;
        }

        @Override
        public long sizeBytes() {
            return entryBytes;
        }

        @Override
        public void advanceStart(long offset) {
            // Kept: the replay of all gives the same.
        }
    }

    void run(long millis) {
        time.runFor(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    <T> T await(Consumer<Consumer<T>> request) {
        AtomicReference<T> answer = new AtomicReference<>();
        request.accept(answer::set);
        if (!time.runUntil(() -> answer.get() != null, TimeUnit.SECONDS.toNanos(30))) {
            throw new AssertionError("no answer within 30 simulated seconds");
        }
        return answer.get();
    }

    InitResult init(ProducerIdentity expected) {
        return await(reply -> shard.init(ID, 10_000, expected, reply));
    }

    ProducerIdentity init() {
        InitResult result = init(ProducerIdentity.NONE);
        if (result.error() != TransactionError.NONE) {
            throw new AssertionError("refused: " + result);
        }
        return result.producer();
    }

    TransactionError add(ProducerIdentity client, int version, int... partitions) {
        java.util.Set<TransactionPartition> set = new java.util.HashSet<>();
        for (int index : partitions) {
            set.add(partition(index));
        }
        return await(reply -> shard.add(ID, client, set, version, reply));
    }

    InitResult end(ProducerIdentity client, boolean commit, int version) {
        return await(reply -> shard.end(ID, client, commit, version, reply));
    }

    TransactionError verify(ProducerIdentity client, int partition) {
        return await(reply -> shard.verify(ID, client, partition(partition), reply));
    }

    TransactionPhase phase() {
        return shard.describe(ID).phase();
    }
}
