package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Invariant 11: indexes, epochs and producer snapshots can be rebuilt from the log: deleting, emptying, cutting, ageing
 * or damaging any of them changes nothing. And with them the cost of opening a log does not grow with it.
 */
@Timeout(30)
class SideFilesTest {
    private static final Path DIRECTORY = Path.of("/data");
    private static final LogId ID = LogId.records(new UUID(1, 1), 0);
    private static final Path LOG_DIRECTORY = DIRECTORY.resolve("logs").resolve(LogNames.directory(ID));

    private final SimulatedTime time = new SimulatedTime(1);
    private final SimulatedDisk disk = new SimulatedDisk(2);
    private final LogConfig config = config(20_000);
    private SimulatedOwner owner;
    private SimulatedWorkers workers;
    private DirectoryLogStore store;
    private PartitionLog log;
    private int batches;

    enum Harm {
        DELETED,
        EMPTIED,
        CUT,
        AGED,
        FLIPPED,
        OF_ANOTHER_VERSION
    }

    private static LogConfig config(int segmentBytes) {
        LogConfig d = LogConfig.defaults();
        return new LogConfig(
                segmentBytes, d.segmentMillis(), -1, -1, d.flushPolicy(), 1, 1, d.maxBatchBytes(), 4096, false);
    }

    @BeforeEach
    void start() throws IOException {
        open(config);
    }

    private void open(LogConfig with) throws IOException {
        owner = new SimulatedOwner(time, "owner");
        workers = new SimulatedWorkers(time, "store");
        store = DirectoryLogStore.open(StoreConfig.small(DIRECTORY), disk, time, workers);
        log = store.openNow(ID, with, owner);
    }

    private void stopCleanly() throws IOException {
        time.runFor(1_000_000_000L);
        store.close();
        time.runFor(1_000_000_000L);
    }

    private void kill() {
        owner.kill();
        workers.kill();
        disk.kill();
    }

    private void append(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            int producer = batches % 7;
            ByteBuffer batch = TestBatches.batch()
                    .timestamps(1000 + batches * 10L, 1003 + batches * 10L)
                    .valueBytes(100 + batches % 50)
                    .producer(producer, 0, batches / 7 * 2)
                    .build();
            log.append(batch, batches / 40, AppendOrigin.CLIENT);
            batches++;
            time.runFor(1_000_000);
        }
    }

    /** Everything that can be asked of a log. */
    private static List<String> answers(PartitionLog log) throws IOException {
        List<String> all = new ArrayList<>();
        all.add(log.startOffset() + " " + log.endOffset() + " " + log.sizeBytes() + " " + log.maxTimestamp());
        for (long offset = log.startOffset(); offset < log.endOffset(); offset++) {
            try (LogSlice slice = log.read(offset, 1, Long.MAX_VALUE, true)) {
                ByteBuffer bytes = ByteBuffer.allocate(slice.sizeBytes());
                slice.readInto(bytes);
                all.add(offset + " " + Arrays.hashCode(bytes.array()) + " " + log.epochAt(offset));
            }
        }
        for (long timestamp = 990; timestamp < 1010 + log.endOffset() * 5; timestamp += 7) {
            all.add(timestamp + " " + log.offsetForTimestamp(timestamp));
        }
        for (int epoch = 0; epoch < 20; epoch++) {
            all.add("end of epoch " + log.endOfEpoch(epoch));
        }
        for (int producer = 0; producer < 7; producer++) {
            all.add("producer " + log.producer(producer));
        }
        return all;
    }

    private List<Path> sideFiles() throws IOException {
        return disk.list(LOG_DIRECTORY).stream()
                .filter(name -> name.endsWith(LogNames.INDEX) || name.endsWith(LogNames.PRODUCERS))
                .map(LOG_DIRECTORY::resolve)
                .toList();
    }

    private void write(Path path, byte[] content) throws IOException {
        try (DiskFile file = disk.open(path, true)) {
            file.truncate(0);
            file.write(ByteBuffer.wrap(content), 0);
        }
    }

    private void harm(Path path, Harm harm, Map<Path, byte[]> earlier) throws IOException {
        byte[] content = disk.content(path);
        switch (harm) {
            case DELETED -> disk.delete(path);
            case EMPTIED -> write(path, new byte[0]);
            case CUT -> write(path, Arrays.copyOf(content, content.length * 2 / 3));
            case AGED -> {
                if (earlier.containsKey(path)) {
                    write(path, earlier.get(path));
                } else {
                    disk.delete(path);
                }
            }
            case FLIPPED -> disk.flipBit(path, content.length / 2, 3);
            case OF_ANOTHER_VERSION -> {
                content[5] = 9;
                write(path, content);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Harm.class)
    void harmToSideFilesChangesNothing(Harm harm) throws Exception {
        append(150);
        stopCleanly();
        Map<Path, byte[]> earlier = new HashMap<>();
        for (Path path : sideFiles()) {
            earlier.put(path, disk.content(path));
        }
        open(config);
        // What an old copy speaks of is cut off and written anew.
        log.truncateTo(log.endOffset() - 20);
        batches -= 10;
        append(250);
        stopCleanly();
        open(config);
        List<String> expected = answers(log);
        stopCleanly();
        assertTrue(sideFiles().size() > 6, () -> "side files " + sideFilesText());
        for (String suffix : new String[] {LogNames.INDEX, LogNames.PRODUCERS, ""}) {
            for (Path path : sideFiles()) {
                if (path.toString().endsWith(suffix)) {
                    harm(path, harm, earlier);
                }
            }
            open(config);
            assertEquals(expected, answers(log), () -> harm + " " + suffix);
            stopCleanly();
        }
    }

    private String sideFilesText() {
        try {
            return sideFiles().toString();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void openingReadsLittleHoweverLargeTheLogIs() throws Exception {
        LogConfig oneSegment = config(1 << 30);
        open(oneSegment, 200);
        long small = bytesReadByOpening(oneSegment);
        open(oneSegment, 3000);
        long large = bytesReadByOpening(oneSegment);
        assertTrue(log.sizeBytes() > 800_000, "the log has " + log.sizeBytes());
        // The index of 4,096 entries and the producers' snapshot are all there is to read.
        assertTrue(large < small + 140_000, small + " bytes, then " + large);
    }

    private void open(LogConfig with, int appends) throws IOException {
        stopCleanly();
        open(with);
        append(appends);
        stopCleanly();
        open(with);
    }

    private long bytesReadByOpening(LogConfig with) throws IOException {
        stopCleanly();
        open(with);
        stopCleanly();
        owner = new SimulatedOwner(time, "owner");
        workers = new SimulatedWorkers(time, "store");
        store = DirectoryLogStore.open(StoreConfig.small(DIRECTORY), disk, time, workers);
        long before = disk.readBytes();
        log = store.openNow(ID, with, owner);
        return disk.readBytes() - before;
    }

    @Test
    void afterAKillOnlyWhatLiesBeyondTheRecoveryPointIsChecked() throws Exception {
        append(1500);
        time.runFor(1_000_000_000L);
        List<String> expected = answers(log);
        long size = log.sizeBytes();
        kill();
        owner = new SimulatedOwner(time, "owner");
        workers = new SimulatedWorkers(time, "store");
        store = DirectoryLogStore.open(StoreConfig.small(DIRECTORY), disk, time, workers);
        long before = disk.readBytes();
        log = store.openNow(ID, config, owner);
        long read = disk.readBytes() - before;
        assertTrue(read < size / 2, "read " + read + " of " + size);
        assertEquals(expected, answers(log));
    }

    @Test
    void smallLogHasNoSideFiles() throws Exception {
        append(2);
        stopCleanly();
        assertEquals(List.of(), sideFiles());
    }

    @Test
    void indexesOfOldSegmentsAreReadAgainWhenTheyAreNeeded() throws Exception {
        append(2500);
        stopCleanly();
        open(config);
        Segment[] all = ((SegmentedLog) log).segments().all();
        assertTrue(all.length > 20);
        assertNull(all[0].index, "not in memory after opening");
        assertEquals(1, log.offsetForTimestamp(1003).orElseThrow().offset());
        assertEquals(
                0,
                Arrays.stream(all)
                        .skip(1)
                        .limit(2)
                        .filter(segment -> segment.index != null)
                        .count());
    }
}
