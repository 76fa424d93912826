package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedTime;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Log, ledger and journal stay as large as what is waiting, however long the traffic lasts and however often the broker
 * dies. {@code -Dpenstock.steady.rounds=N} for longer.
 */
@Timeout(120)
class SteadyTrafficTest {
    private static final int ROUNDS = Integer.getInteger("penstock.steady.rounds", 4_000);
    private static final int BATCH = 5;
    private static final int RESTART_EVERY = 500;
    private static final int LOOK_EVERY = 100;
    private static final long ROUND_NANOS = 20_000_000;
    private static final String BODY = "x".repeat(100);

    /** Of all partitions: some segments of 16 KiB and ledger segments, a snapshot, four journal files of 64 KiB. */
    private static final long DISK_BYTES_MAX = 700_000;

    private static final long LEDGER_BYTES_MAX = 60_000;

    private final SimulatedTime time = new SimulatedTime(7);
    private final SimulatedDisk disk = new SimulatedDisk(8);
    private final DeliveryConfig config = new DeliveryConfig(10_000, 4096, 16 << 10, 4 << 10, 256, 1000, 1000, 200);
    private final RecordBatchBuilder builder = new RecordBatchBuilder(1024);
    private final List<Taker> takers = new ArrayList<>();
    private SimulatedBroker broker;
    private int lives;
    private long settled;
    private long sequence;

    /** A consumer of one group on one partition, and how far it has settled. */
    private record Taker(int part, String group, SessionKey key, RecordingConsumer consumer) {}

    private void start() throws Exception {
        lives++;
        broker = SimulatedBroker.start(time, disk, config, DeliverySimulation.Sabotage.NONE, lives);
        takers.clear();
        for (int part = 0; part < SimulatedBroker.PARTITIONS; part++) {
            for (String group : List.of(SimulatedBroker.QUEUE, SimulatedBroker.AUDIT, SimulatedBroker.LIVE)) {
                SessionKey key = new SessionKey(lives * 100L + takers.size(), 1);
                Taker taker = new Taker(part, group, key, new RecordingConsumer(key, 1, Integer.MAX_VALUE));
                takers.add(taker);
                time.runFor(1_000_000);
                broker.owner.runHere(() -> broker.part(part(taker)).group(group).attach(taker.consumer));
            }
        }
    }

    private static int part(Taker taker) {
        return taker.part;
    }

    private void kill() {
        broker.kill();
        disk.kill();
    }

    private void send(int part) {
        builder.start(Compression.NONE);
        for (int i = 0; i < BATCH; i++) {
            builder.beginRecord(time.millis())
                    .key(null)
                    .value(BODY.getBytes(StandardCharsets.US_ASCII))
                    .endRecord();
        }
        ByteBuffer batch = builder.build();
        broker.owner.runHere(
                () -> broker.part(part).partition.append(batch, AppendOrigin.CLIENT, true, (append, failed) -> {
                    if (failed != null) {
                        throw new AssertionError(failed);
                    }
                }));
    }

    /** Settles all that came. */
    private void settle(Taker taker) {
        OffsetRanges ranges = new OffsetRanges();
        taker.consumer.got.forEach(got -> ranges.add(got.offset(), got.offset()));
        taker.consumer.got.clear();
        if (ranges.isEmpty()) {
            return;
        }
        broker.owner.runHere(() -> broker.part(taker.part)
                .group(taker.group)
                .settle(taker.key, ++sequence, Settlements.accept(ranges), (outcome, failure) -> {
                    if (failure == null) {
                        settled += ranges.count();
                    }
                }));
    }

    @Test
    void theDiskHoldsWhatIsWaitingAndNotWhatWas() throws Exception {
        start();
        long most = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            for (int part = 0; part < SimulatedBroker.PARTITIONS; part++) {
                send(part);
            }
            time.runFor(ROUND_NANOS);
            takers.forEach(this::settle);
            if (round % LOOK_EVERY == 0) {
                time.runFor(3_000_000_000L);
                most = Math.max(most, disk.usedBytes());
                assertTrue(disk.usedBytes() < DISK_BYTES_MAX, disk.usedBytes() + " bytes after round " + round);
                for (SimulatedBroker.Part part : broker.parts) {
                    long ledger = part.partition
                            .ledger()
                            .toCompletableFuture()
                            .getNow(null)
                            .sizeBytes();
                    assertTrue(ledger < LEDGER_BYTES_MAX, "a ledger of " + ledger + " bytes after round " + round);
                }
            }
            if (round % RESTART_EVERY == 0) {
                kill();
                start();
                time.runFor(2_000_000_000L);
            }
        }
        takers.forEach(this::settle);
        time.runFor(3_000_000_000L);
        for (Taker taker : takers) {
            GroupStatistics left = broker.part(taker.part).group(taker.group).statistics();
            assertEquals(0, left.waiting() + left.acquired(), left.toString());
        }
        long written = (long) ROUNDS * BATCH * BODY.length() * SimulatedBroker.PARTITIONS;
        System.out.println(written + " bytes sent over " + lives + " lives, " + settled + " records settled, " + most
                + " bytes on the disk at most");
        assertTrue(written > 4 * DISK_BYTES_MAX, "too little to tell: " + written);
    }
}
