package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Invariant 14: a repeat of a batch is known, also when its records are removed and the broker was restarted. */
@Timeout(30)
class ReclaimedProducersTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final LogId ID = LogId.records(new UUID(1, 1), 0);
    private static final Path LOG_DIRECTORY = DIRECTORY.resolve("logs").resolve(LogNames.directory(ID));
    private static final long QUIET = 7;
    private static final long BUSY = 8;

    private final SimulatedTime time = new SimulatedTime(1);
    private final SimulatedDisk disk = new SimulatedDisk(2);
    private SimulatedOwner owner;
    private SimulatedWorkers workers;
    private DirectoryLogStore store;
    private PartitionLog log;
    private int busySequence;

    enum End {
        CLEAN,
        KILL,
        POWER_CUT
    }

    @BeforeEach
    void start() throws IOException {
        owner = new SimulatedOwner(time, "owner");
        workers = new SimulatedWorkers(time, "store");
        store = DirectoryLogStore.open(StoreConfig.small(DIRECTORY), disk, time, workers);
        LogConfig d = LogConfig.defaults();
        // Segments below the size from which they have side files.
        LogConfig config =
                new LogConfig(1000, d.segmentMillis(), -1, -1, d.flushPolicy(), 1, 1, d.maxBatchBytes(), 4096, false);
        log = store.openNow(ID, config, owner);
    }

    private void restart(End end) throws IOException {
        if (end == End.CLEAN) {
            store.close();
        }
        owner.kill();
        workers.kill();
        if (end == End.POWER_CUT) {
            disk.powerCut();
        } else {
            disk.kill();
        }
        start();
    }

    private static ByteBuffer batch(long producer, int sequence) {
        return TestBatches.batch()
                .timestamps(1000, 1001)
                .valueBytes(100)
                .producer(producer, 3, sequence)
                .build();
    }

    private LogAppend append(long producer, int sequence) throws IOException {
        return log.append(batch(producer, sequence), 0, AppendOrigin.CLIENT);
    }

    private void appendBusy(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            append(BUSY, busySequence);
            busySequence += 2;
        }
    }

    /** Two batches of a producer, and so many of another that their segment goes when the log starts at its end. */
    private void reclaimQuiet() throws IOException {
        append(QUIET, 0);
        append(QUIET, 2);
        appendBusy(10);
        log.onDurable(failure -> assertEquals(null, failure));
        settle();
        log.advanceStartOffset(log.endOffset());
    }

    private void settle() {
        time.runFor(1_000_000_000L);
    }

    private void assertRepeatsAreKnown() throws IOException {
        long end = log.endOffset();
        LogAppend first = append(QUIET, 0);
        assertTrue(first.duplicate());
        assertEquals(0, first.baseOffset());
        assertEquals(2, append(QUIET, 2).baseOffset());
        assertTrue(append(BUSY, busySequence - 2).duplicate());
        assertEquals(end, log.endOffset());
        LogException gap = assertThrows(LogException.class, () -> append(QUIET, 6));
        assertEquals(LogException.Reason.OUT_OF_ORDER_SEQUENCE, gap.reason());
        LogException old = assertThrows(
                LogException.class,
                () -> log.append(TestBatches.batch().producer(QUIET, 2, 0).build(), 0, AppendOrigin.CLIENT));
        assertEquals(LogException.Reason.FENCED_PRODUCER_EPOCH, old.reason());
    }

    private boolean isDeleted(long base) throws IOException {
        return !disk.exists(SegmentFiles.path(LOG_DIRECTORY, base, LogNames.SEGMENT));
    }

    @ParameterizedTest
    @EnumSource
    void invariant14ARepeatIsKnownAfterItsSegmentIsRemovedAndTheBrokerRestarted(End end) throws IOException {
        reclaimQuiet();
        settle();
        assertTrue(isDeleted(0));
        assertTrue(log.startOffset() > 4);
        restart(end);
        assertTrue(log.startOffset() > 4);
        assertRepeatsAreKnown();
        // And again, with more that was removed, and with the file written anew.
        appendBusy(10);
        log.advanceStartOffset(log.endOffset());
        settle();
        restart(end);
        restart(end);
        assertRepeatsAreKnown();
        assertFalse(append(QUIET, 4).duplicate());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1_000, 10_000, 50_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000})
    void invariant14HoldsWheneverTheLightGoesOutDuringTheRemoval(long nanos) throws IOException {
        reclaimQuiet();
        time.runFor(nanos);
        restart(End.POWER_CUT);
        assertRepeatsAreKnown();
    }

    @Test
    void invariant14HoldsWhenTheStartPassesTheSegmentBeforeItIsFull() throws IOException {
        append(QUIET, 0);
        append(QUIET, 2);
        appendBusy(1);
        log.advanceStartOffset(log.endOffset());
        settle();
        // The segment fills now, and nobody removes it before the end.
        appendBusy(10);
        log.onDurable(failure -> assertEquals(null, failure));
        settle();
        restart(End.POWER_CUT);
        assertRepeatsAreKnown();
        restart(End.CLEAN);
        assertRepeatsAreKnown();
    }

    @Test
    void invariant14HoldsAfterATruncation() throws IOException {
        reclaimQuiet();
        settle();
        appendBusy(3);
        log.truncateTo(log.startOffset());
        assertTrue(append(QUIET, 2).duplicate());
        settle();
        restart(End.KILL);
        assertTrue(append(QUIET, 2).duplicate());
    }

    @Test
    void aProducerWhoseRecordsAreGoneIsForgottenAfterADay() throws IOException {
        reclaimQuiet();
        settle();
        time.runFor((ProducerStates.EXPIRATION_MILLIS + 5000) * 1_000_000L);
        restart(End.CLEAN);
        assertTrue(log.producer(QUIET).isEmpty());
    }

    @Test
    void aDamagedFileForgetsProducersAndNothingElse() throws IOException {
        reclaimQuiet();
        settle();
        long start = log.startOffset();
        store.close();
        disk.flipBit(LOG_DIRECTORY.resolve(ReclaimedProducers.FILE), 40, 1);
        owner.kill();
        workers.kill();
        disk.kill();
        start();
        assertEquals(start, log.startOffset());
        assertTrue(log.producer(QUIET).isEmpty());
    }
}
