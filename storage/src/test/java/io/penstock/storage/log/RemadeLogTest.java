package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.simulation.DiskFault;
import io.penstock.storage.simulation.SimulatedCrash;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Invariants 9 and 10 of a log that is deleted and made again under its id, as a follower's is that has nothing in
 * common with its leader: wherever the power goes, what was said of the first one's files is not asked of the second.
 */
@Timeout(60)
class RemadeLogTest {
    private static final LogId ID = LogId.records(new UUID(3, 4), 0);
    private static final long SECOND = 1_000_000_000L;
    private static final int CALLS_MAX = 400;
    private static final int SEEDS = 12;

    /** One store through its lives, with what its log has acknowledged. */
    private static final class Life {
        private final SimulatedTime time;
        private final SimulatedDisk disk;
        private final LogConfig config;
        private SimulatedOwner owner;
        private SimulatedWorkers workers;
        private DirectoryLogStore store;
        private PartitionLog log;
        private long acknowledgedEnd;

        Life(long seed, LogConfig config) {
            time = new SimulatedTime(seed);
            disk = new SimulatedDisk(seed + 1);
            this.config = config;
        }

        void start() throws IOException {
            owner = new SimulatedOwner(time, "owner");
            workers = new SimulatedWorkers(time, "store");
            store = DirectoryLogStore.open(StoreConfig.small(Path.of("/data")), disk, time, workers);
            log = store.openNow(ID, config, owner);
        }

        void append(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                ByteBuffer batch = TestBatches.of(2, 50, 1000);
                log.append(batch.putLong(0, log.endOffset()).putInt(12, 3), 3, AppendOrigin.REPLICATION);
            }
            PartitionLog appendedTo = log;
            long end = log.endOffset();
            log.onDurable(failure -> {
                if (failure == null && log == appendedTo) {
                    acknowledgedEnd = end;
                }
            });
            time.runFor(SECOND);
        }

        void stopAndStart() throws IOException {
            store.close();
            owner.kill();
            workers.kill();
            disk.kill();
            start();
        }

        void makeAnewAt(long offset) throws IOException {
            acknowledgedEnd = 0;
            log = null;
            store.delete(ID).thenCompose(done -> store.open(ID, config, owner)).thenAccept(opened -> log = opened);
            assertTrue(time.runUntil(() -> log != null, 10 * SECOND));
            log.restartAt(offset);
        }

        void powerCut() {
            owner.kill();
            workers.kill();
            disk.powerCut();
        }
    }

    @ParameterizedTest
    @EnumSource(LogConfig.FlushPolicy.class)
    void opensAfterAPowerCutAtAnyCallOfTheDisk(LogConfig.FlushPolicy policy) throws IOException {
        for (long seed = 1; seed <= SEEDS; seed++) {
            int call = 1;
            while (call < CALLS_MAX && diesAt(call, seed, policy)) {
                call++;
            }
            assertTrue(call > 10 && call < CALLS_MAX, "calls of the disk: " + call);
        }
    }

    /** Only what was written before the deletion is void: damage of the second log is seen (invariant 10). */
    @Test
    void whatACheckpointSaysOfTheSecondCounts() throws IOException {
        LogConfig small =
                new LogConfig(1000, Long.MAX_VALUE, -1, -1, LogConfig.FlushPolicy.INTERVAL, 3, 5, 1 << 20, 512, false);
        Life life = new Life(1, small);
        life.start();
        life.append(5);
        life.stopAndStart();
        life.makeAnewAt(1000);
        // Each new segment asks for a checkpoint.
        life.append(40);
        life.powerCut();
        Path directory = Path.of("/data/logs").resolve(LogNames.directory(ID));
        life.disk.flipBit(SegmentFiles.path(directory, 1000, LogNames.SEGMENT), 70, 1);
        LogException damaged = assertThrows(LogException.class, life::start);
        assertEquals(LogException.Reason.OFFLINE, damaged.reason());
    }

    /** False when the work was done before so many calls. */
    private static boolean diesAt(int call, long seed, LogConfig.FlushPolicy policy) throws IOException {
        Life life = new Life(seed, LogConfig.defaults().withFlushPolicy(policy));
        life.start();
        life.append(5);
        // A clean end leaves a checkpoint, which says how far the log must reach.
        life.stopAndStart();
        boolean died = false;
        try {
            life.disk.failNth(null, call, DiskFault.CRASH);
            life.makeAnewAt(1000);
            life.append(2);
            life.makeAnewAt(2000);
            life.append(1);
        } catch (SimulatedCrash e) {
            died = true;
        }
        life.powerCut();
        String where = "seed " + seed + ", call " + call;
        try {
            life.start();
        } catch (LogException e) {
            throw new AssertionError(where, e);
        }
        if (policy == LogConfig.FlushPolicy.BEFORE_REPLY) {
            assertTrue(life.log.endOffset() >= life.acknowledgedEnd, where);
        }
        life.append(1);
        assertEquals(life.log.endOffset(), life.acknowledgedEnd, where);
        return died;
    }
}
