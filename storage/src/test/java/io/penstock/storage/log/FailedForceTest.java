package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.LogConfig.FlushPolicy;
import io.penstock.storage.simulation.DiskFault;
import io.penstock.storage.simulation.DiskOperation;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Invariant 25: a failed force is never retried as if it could succeed; and what a full or dead disk does to a log. */
@Timeout(20)
class FailedForceTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final LogId BAD = LogId.records(new UUID(1, 1), 0);
    private static final LogId GOOD = LogId.records(new UUID(1, 2), 0);
    private static final long ENOUGH_NANOS = 1_000_000_000L;

    private final SimulatedTime time = new SimulatedTime(1);
    private final SimulatedDisk disk = new SimulatedDisk(2);
    private final LogConfig config = LogConfig.defaults();
    private SimulatedOwner owner;
    private SimulatedWorkers workers;
    private DirectoryLogStore store;
    private PartitionLog bad;
    private PartitionLog good;

    @BeforeEach
    void start() throws IOException {
        openStore();
        bad = store.openNow(BAD, config, owner);
        good = store.openNow(GOOD, config, owner);
    }

    private void openStore() throws IOException {
        owner = new SimulatedOwner(time, "owner");
        workers = new SimulatedWorkers(time, "store");
        store = DirectoryLogStore.open(StoreConfig.small(DIRECTORY), disk, time, workers);
    }

    private void powerCutAndStart() throws IOException {
        owner.kill();
        workers.kill();
        disk.powerCut();
        disk.clearFaults();
        start();
    }

    private static Path segmentOf(LogId id) {
        return DIRECTORY.resolve("logs").resolve(LogNames.directory(id)).resolve(LogNames.file(0, LogNames.SEGMENT));
    }

    private static String nameEnd(LogId id) {
        return segmentOf(id).toString().substring(DIRECTORY.toString().length());
    }

    /** Appends and waits; returns what the waiter was told: empty for durable. */
    private List<IOException> append(PartitionLog log, int valueBytes) throws IOException {
        List<IOException> told = new ArrayList<>();
        boolean[] called = {false};
        log.append(TestBatches.of(1, valueBytes, 1000), 0, AppendOrigin.CLIENT);
        log.onDurable(failure -> {
            called[0] = true;
            if (failure != null) {
                told.add(failure);
            }
        });
        assertTrue(time.runUntil(() -> called[0], ENOUGH_NANOS), "the waiter is told");
        return told;
    }

    private void appendMany(PartitionLog log, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            assertEquals(List.of(), append(log, 2000));
        }
        time.runFor(ENOUGH_NANOS);
    }

    private void reopenBad() throws IOException {
        boolean[] closed = {false};
        store.close(BAD).thenRun(() -> closed[0] = true);
        assertTrue(time.runUntil(() -> closed[0], ENOUGH_NANOS));
        bad = store.openNow(BAD, config, owner);
    }

    private static void assertOffline(PartitionLog log) {
        LogException refused =
                assertThrows(LogException.class, () -> log.append(TestBatches.of(1, 10, 1), 0, AppendOrigin.CLIENT));
        assertEquals(LogException.Reason.OFFLINE, refused.reason());
    }

    @Test
    void failedForceOfOneLogLeavesTheOthersAlone() throws Exception {
        List<String> told = new ArrayList<>();
        store.whenForceFails(() -> told.add("failed"));
        assertEquals(List.of(), append(bad, 100));
        disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, nameEnd(BAD));
        // Larger than what goes through the journal: its segment is forced.
        assertEquals(1, append(bad, 9000).size());
        assertOffline(bad);
        assertEquals(1, bad.durableEndOffset());
        assertEquals(List.of(), append(good, 100));
        assertEquals(List.of(), append(good, 9000));
        assertEquals(List.of("failed"), told);
    }

    @Test
    void checkpointsNeitherForceItAgainNorFreeItsJournal() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertEquals(List.of(), append(bad, 1000));
        }
        disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, nameEnd(BAD));
        appendMany(good, 120);
        assertOffline(bad);
        assertEquals(1, disk.forcesOf(segmentOf(BAD)), "the one force that failed");
        powerCutAndStart();
        assertEquals(10, bad.endOffset(), "invariant 13: the journal had kept it");
        assertEquals(120, good.endOffset());
    }

    @Test
    void reopenedLogHasAllThatWasAcknowledgedAndItsNewForceIsTrue() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertEquals(List.of(), append(bad, 1000));
        }
        disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, nameEnd(BAD));
        appendMany(good, 120);
        assertOffline(bad);
        reopenBad();
        assertEquals(10, bad.endOffset());
        assertEquals(List.of(), append(bad, 1000));
        // Enough for several rounds of the journal: it is free of what the log had before.
        appendMany(good, 120);
        powerCutAndStart();
        assertEquals(11, bad.endOffset());
        assertEquals(240, good.endOffset());
    }

    @Test
    void unjournaledLogIsWrittenAgainBeforeItIsForcedAgain() throws Exception {
        LogId id = LogId.records(new UUID(1, 3), 0);
        PartitionLog log = store.openNow(id, config.withFlushPolicy(FlushPolicy.NEVER), owner);
        log.append(TestBatches.of(5, 1000, 1000), 0, AppendOrigin.CLIENT);
        disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, nameEnd(id));
        appendMany(good, 120);
        assertOffline(log);
        store.close(id);
        time.runFor(ENOUGH_NANOS);
        assertEquals(5, store.openNow(id, config, owner).endOffset());
        powerCutAndStart();
        assertEquals(5, store.openNow(id, config, owner).endOffset(), "invariant 9: recovery forced what it accepted");
    }

    /** Invariant 25: what was to be forced is written anew elsewhere, and nobody hears of it. */
    @Test
    void failedForceOfAJournalFileMovesTheJournalToAnotherOne() throws Exception {
        assertEquals(List.of(), append(bad, 100));
        for (int i = 0; i < 20; i++) {
            disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, ".journal");
            assertEquals(List.of(), append(good, 100));
            assertEquals(0, disk.faultsLeft());
            if (i == 10) {
                powerCutAndStart();
                assertEquals(11, good.endOffset(), "invariant 13");
            }
        }
        time.runFor(ENOUGH_NANOS);
        assertTrue(
                disk.list(DIRECTORY.resolve("journal")).size()
                        <= StoreConfig.small(DIRECTORY).journalFilesMax(),
                "files that failed are removed");
        appendMany(bad, 50);
        powerCutAndStart();
        assertEquals(51, bad.endOffset());
        assertEquals(20, good.endOffset());
    }

    @Test
    void halfWrittenGroupIsWrittenAnewToo() throws Exception {
        assertEquals(List.of(), append(good, 100));
        disk.failNth(DiskOperation.WRITE, 1, DiskFault.SHORT_WRITE, ".journal");
        assertEquals(List.of(), append(good, 100));
        assertEquals(0, disk.faultsLeft());
        powerCutAndStart();
        assertEquals(2, good.endOffset());
    }

    @Test
    void journalThatFailsInTwoFilesTakesAllOfflineUntilTheStoreIsOpenedAgain() throws Exception {
        assertEquals(List.of(), append(bad, 100));
        disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, ".journal");
        disk.failNth(DiskOperation.FORCE, 2, DiskFault.EIO, ".journal");
        assertEquals(1, append(good, 100).size());
        assertOffline(bad);
        assertOffline(good);
        assertThrows(IOException.class, store::close);
        openStoreAfterKill();
        bad = store.openNow(BAD, config, owner);
        assertEquals(1, bad.endOffset());
        assertEquals(List.of(), append(bad, 100));
    }

    private void openStoreAfterKill() throws IOException {
        owner.kill();
        workers.kill();
        disk.kill();
        openStore();
    }

    @Test
    void failedForceOfWhatAReplayWroteIsForEver() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertEquals(List.of(), append(bad, 1000));
        }
        openStoreAfterKill();
        good = store.openNow(GOOD, config, owner);
        disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, nameEnd(BAD));
        appendMany(good, 120);
        assertEquals(1, disk.forcesOf(segmentOf(BAD)), "never tried a second time");
        powerCutAndStart();
        assertEquals(10, bad.endOffset(), "invariant 13: the journal had kept it");
    }

    @Test
    void failedForceDuringRecoveryIsNotRepeatedWithoutWriting() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertEquals(List.of(), append(bad, 1000));
        }
        LogId id = LogId.records(new UUID(1, 3), 0);
        LogConfig never = config.withFlushPolicy(FlushPolicy.NEVER);
        store.openNow(id, never, owner).append(TestBatches.of(5, 1000, 1000), 0, AppendOrigin.CLIENT);
        openStoreAfterKill();
        disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, nameEnd(id));
        assertThrows(IOException.class, () -> store.openNow(id, never, owner));
        assertEquals(5, store.openNow(id, never, owner).endOffset());
        powerCutAndStart();
        assertEquals(5, store.openNow(id, never, owner).endOffset());
    }

    @Test
    void fullDiskRefusesAndTheLogGoesOnByItself() throws Exception {
        assertEquals(List.of(), append(bad, 100));
        disk.failNth(DiskOperation.WRITE, 1, DiskFault.DISK_FULL, nameEnd(BAD));
        assertThrows(DiskFullException.class, () -> append(bad, 100));
        assertEquals(1, bad.endOffset());
        assertEquals(List.of(), append(bad, 100));
        powerCutAndStart();
        assertEquals(2, bad.endOffset());
    }

    @Test
    void logsGoOnWhenAReallyFullDiskHasSpaceAgain() throws Exception {
        appendMany(good, 5);
        disk.capacityBytes(disk.usedBytes() + 30_000);
        int stored = 0;
        boolean full = false;
        while (!full) {
            try {
                assertEquals(List.of(), append(bad, 2000));
                stored++;
            } catch (DiskFullException e) {
                full = true;
            }
        }
        assertEquals(stored, bad.endOffset());
        time.runFor(ENOUGH_NANOS);
        disk.capacityBytes(Long.MAX_VALUE);
        appendMany(bad, 100);
        appendMany(good, 100);
        powerCutAndStart();
        assertEquals(stored + 100, bad.endOffset());
        assertEquals(105, good.endOffset());
    }

    @Test
    void readOnlyDiskIsReportedAndTheLogComesBackWhenOpenedAgain() throws Exception {
        assertEquals(List.of(), append(bad, 100));
        disk.readOnly(true);
        IOException refused = assertThrows(IOException.class, () -> append(bad, 100));
        assertTrue(refused.getMessage().contains("Read-only"), refused.getMessage());
        assertOffline(bad);
        assertEquals(1, bad.endOffset());
        disk.readOnly(false);
        reopenBad();
        assertEquals(List.of(), append(bad, 100));
        assertEquals(2, bad.endOffset());
    }

    @Test
    void closedLogIsForcedAndTellsWhoWaits() throws Exception {
        List<String> told = new ArrayList<>();
        bad.append(TestBatches.of(1, 100, 1000), 0, AppendOrigin.CLIENT);
        bad.onDurable(failure -> told.add(String.valueOf(failure)));
        store.close(BAD);
        time.runFor(ENOUGH_NANOS);
        assertEquals(List.of("null"), told);
        assertOffline(bad);
        assertTrue(store.exists(BAD));
        bad = store.openNow(BAD, config, owner);
        assertEquals(1, bad.endOffset());
        ByteBuffer bytes = ByteBuffer.allocate(1000);
        try (LogSlice slice = bad.read(0, 1000, Long.MAX_VALUE, true)) {
            slice.readInto(bytes);
        }
        assertNotNull(bytes);
        assertFalse(bytes.flip().limit() == 0);
    }
}
