package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.LogConfig.FlushPolicy;
import io.penstock.storage.simulation.DiskFault;
import io.penstock.storage.simulation.DiskOperation;
import io.penstock.storage.simulation.SeededRandom;
import io.penstock.storage.simulation.SimulatedCrash;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A store in a simulated world: random work on several logs, faults, kills and power cuts, all from one seed. After
 * each crash the logs are opened again and compared with {@link ModelLog}s.
 */
final class StoreWorld {
    private static final boolean TRACE = Boolean.getBoolean("penstock.trace");
    private static final Path DIRECTORY = Path.of("/data");

    final SeededRandom random;
    final SimulatedTime time;
    final SimulatedDisk disk;
    final List<ModelLog> models = new ArrayList<>();
    /** What happened how often. */
    final TreeMap<String, Integer> coverage = new TreeMap<>();

    private final StoreConfig config;
    private DirectoryLogStore store;
    private SimulatedOwner owner;
    private SimulatedWorkers workers;
    private boolean failed;
    private long made;
    /** Logs that were told to be gone. A power cut may bring their files back, as strays; a kill must not. */
    private final Set<LogId> gone = new HashSet<>();

    StoreWorld(long seed, int logs) throws IOException {
        random = new SeededRandom(seed);
        time = new SimulatedTime(seed + 1);
        disk = new SimulatedDisk(seed + 2);
        config = StoreConfig.small(DIRECTORY);
        for (int i = 0; i < logs; i++) {
            FlushPolicy policy =
                    i % 3 == 2 ? FlushPolicy.NEVER : i == 4 ? FlushPolicy.INTERVAL : FlushPolicy.BEFORE_REPLY;
            LogConfig log = new LogConfig(
                    random.percent(50) ? 4000 : 40_000, Long.MAX_VALUE, -1, -1, policy, 3, 5, 1 << 20, 512, false);
            models.add(model(i, log));
        }
        start();
    }

    private ModelLog model(int index, LogConfig log) {
        long number = made++;
        LogId id =
                index % 2 == 0 ? LogId.records(new UUID(7, number), index) : LogId.ledger(new UUID(7, number), index);
        return new ModelLog(id, log, 100 + 10 * number, 101 + 10 * number, 102 + 10 * number);
    }

    void count(String what) {
        if (TRACE) {
            System.out.println(time.nanos() + " " + what);
        }
        coverage.merge(what, 1, Integer::sum);
    }

    private static void trace(java.util.function.Supplier<String> what) {
        if (TRACE) {
            System.out.println(what.get());
        }
    }

    private void start() throws IOException {
        owner = new SimulatedOwner(time, "owner");
        workers = new SimulatedWorkers(time, "store");
        store = DirectoryLogStore.open(config, disk, time, workers);
        failed = false;
        for (ModelLog model : models) {
            model.log = store.openNow(model.id, model.config, owner);
        }
    }

    /** One random operation. */
    void operate() {
        ModelLog model = models.get(random.nextInt(models.size()));
        try {
            int dice = random.nextInt(100);
            if (dice < 60) {
                append(model);
            } else if (dice < 75) {
                time.runFor(random.nextLong(3_000_000));
            } else if (dice < 80) {
                truncate(model);
            } else if (dice < 85) {
                advance(model);
            } else if (dice < 88) {
                model.log.startEpoch(++model.epoch);
            } else if (dice < 89) {
                reconfigure(model);
            } else if (dice < 92) {
                retain(model);
            } else if (dice < 93) {
                replace(model);
            } else if (dice < 96) {
                repeat(model);
            } else {
                time.step();
            }
        } catch (DiskFullException e) {
            count("disk full");
        } catch (LogException e) {
            failed |= e.reason() == LogException.Reason.OFFLINE;
            count("refused " + e.reason());
        } catch (IOException e) {
            count("error");
        }
    }

    private void append(ModelLog model) throws IOException {
        int records = 1 + random.nextInt(4);
        long timestamp = 1_000_000 + random.nextInt(5000) + model.endOffset() * 10;
        long[] timestamps = new long[records];
        java.util.Arrays.fill(timestamps, timestamp);
        boolean anonymous = random.percent(10);
        long producerId = anonymous ? -1 : model.producerIds[random.nextInt(model.producerIds.length)];
        int sequence = anonymous ? -1 : model.nextSequence(producerId);
        int valueBytes = random.percent(5) ? 9000 : random.nextInt(300);
        ByteBuffer batch = random.percent(30)
                ? compressed(producerId, sequence, timestamps, valueBytes)
                : TestBatches.batch()
                        .timestamps(timestamps)
                        .valueBytes(valueBytes)
                        .fill(random.nextInt(256))
                        .producer(producerId, anonymous ? -1 : 0, sequence)
                        .build();
        long base = model.endOffset();
        // What a crash in the middle leaves may be there or not, with these bytes.
        ByteBuffer patched = ByteBuffer.wrap(new byte[batch.remaining()]).put(batch.duplicate());
        BatchHeader.assign(patched, 0, base, model.epoch);
        model.add(new ModelLog.Batch(base, patched.array(), timestamp, producerId, sequence, records));
        try {
            model.log.append(batch, model.epoch, AppendOrigin.CLIENT);
        } catch (IOException e) {
            model.cutTo(base);
            throw e;
        }
        count("append");
        trace(() -> "  " + model.id.partition() + " [" + base + "," + model.endOffset() + ") " + patched.capacity());
        long end = model.endOffset();
        PartitionLog log = model.log;
        if (random.percent(70)) {
            log.onDurable(failure -> {
                if (failure == null && model.log == log) {
                    model.acknowledgedEnd = Math.max(model.acknowledgedEnd, Math.min(end, model.endOffset()));
                    count("acknowledged");
                }
            });
        }
    }

    private ByteBuffer compressed(long producerId, int sequence, long[] timestamps, int valueBytes) {
        Compression codec = Compression.values()[1 + random.nextInt(Compression.values().length - 1)];
        RecordBatchBuilder builder = new RecordBatchBuilder(1024);
        if (producerId < 0) {
            builder.start(codec);
        } else {
            builder.start(codec, producerId, (short) 0, sequence);
        }
        byte[] value = new byte[valueBytes];
        for (int i = 0; i < valueBytes; i++) {
            // Half of it can be compressed.
            value[i] = (byte) (i % 2 == 0 ? 'x' : random.nextInt(256));
        }
        for (long timestamp : timestamps) {
            builder.beginRecord(timestamp).key((byte[]) null).value(value).endRecord();
        }
        count("compressed");
        ByteBuffer built = builder.build();
        return ByteBuffer.allocate(built.remaining()).put(built).flip();
    }

    /** A producer that has not heard of its last batch sends it again (invariant 14). */
    private void repeat(ModelLog model) throws IOException {
        long producerId = model.producerIds[random.nextInt(model.producerIds.length)];
        ModelLog.Batch last = model.lastVisible(producerId);
        if (last == null) {
            return;
        }
        long end = model.log.endOffset();
        LogAppend told = model.log.append(ByteBuffer.wrap(last.bytes().clone()), model.epoch, AppendOrigin.CLIENT);
        assertEquals(last.baseOffset(), told.baseOffset(), () -> "a repeated batch of " + model.id);
        assertEquals(end, model.log.endOffset(), () -> "a repeated batch of " + model.id + " is not stored");
        count("repeated");
    }

    /** Retention by size or by time, up to where somebody still reads. */
    private void retain(ModelLog model) throws IOException {
        long start = model.log.startOffset();
        long keepFrom = start + random.nextLong(model.endOffset() - start + 1);
        LogConfig usual = model.config;
        boolean bySize = random.nextBoolean();
        // Also if a crash comes in the middle.
        long modelled = model.startOffset;
        model.startOffset = Math.max(modelled, keepFrom);
        model.log.configure(new LogConfig(
                usual.segmentBytes(),
                usual.segmentMillis(),
                bySize ? -1 : 1,
                bySize ? random.nextInt(20_000) : -1,
                usual.flushPolicy(),
                usual.flushMessages(),
                usual.flushMillis(),
                usual.maxBatchBytes(),
                usual.indexIntervalBytes(),
                usual.messageTimestampLogAppend()));
        int removed = model.log.applyRetention(keepFrom);
        model.log.configure(usual);
        assertTrue(model.log.startOffset() <= Math.max(start, keepFrom), () -> "retention of " + model.id);
        model.startOffset = Math.max(modelled, model.log.startOffset());
        if (removed > 0) {
            count("retention");
        }
    }

    /** A topic is deleted, and another one is made. */
    private void replace(ModelLog model) throws IOException {
        if (!random.percent(40)) {
            return;
        }
        int index = models.indexOf(model);
        ModelLog other = model(index, model.config);
        models.set(index, other);
        model.log = null;
        store.delete(model.id).thenRun(() -> {
            gone.add(model.id);
            count("deleted");
        });
        try {
            other.log = store.openNow(other.id, other.config, owner);
        } catch (IOException e) {
            failed = true; // This life ends, and the next one opens it.
            throw e;
        }
    }

    private void truncate(ModelLog model) throws IOException {
        if (!random.percent(20) || !model.isJournaled() || model.endOffset() == 0) {
            return;
        }
        long start = model.log.startOffset();
        long offset = start + random.nextLong(model.endOffset() - start + 1);
        // Even if a crash comes in the middle, what is cut is no longer promised.
        long promised = model.acknowledgedEnd;
        model.acknowledgedEnd = Math.min(promised, batchStart(model, offset));
        model.log.truncateTo(offset);
        model.cutTo(model.log.endOffset());
        count("truncated");
        trace(() -> "  " + model.id.partition() + " to " + model.endOffset());
    }

    private void reconfigure(ModelLog model) {
        FlushPolicy policy = FlushPolicy.values()[random.nextInt(FlushPolicy.values().length)];
        if (policy == FlushPolicy.BEFORE_REPLY && !model.isJournaled()) {
            // What was told to be stored before was not promised to survive a power cut.
            model.acknowledgedEnd = 0;
        }
        model.config = model.config.withFlushPolicy(policy);
        model.log.configure(model.config);
        count("reconfigured");
    }

    private static long batchStart(ModelLog model, long offset) {
        return model.batches.stream()
                .filter(batch -> batch.endOffset() > offset)
                .mapToLong(ModelLog.Batch::baseOffset)
                .findFirst()
                .orElse(offset);
    }

    private void advance(ModelLog model) throws IOException {
        if (!random.percent(30)) {
            return;
        }
        long start = model.log.startOffset();
        long offset = start + random.nextLong(model.endOffset() - start + 1);
        model.startOffset = Math.max(model.startOffset, offset);
        model.log.advanceStartOffset(offset);
        count("start advanced");
        trace(() -> "  " + model.id.partition() + " to " + offset);
    }

    /** Plans a fault of the disk for one of the next calls. */
    void planFault() {
        int nth = 1 + random.nextInt(60);
        switch (random.nextInt(4)) {
            case 0 -> disk.failNth(DiskOperation.WRITE, nth, DiskFault.SHORT_WRITE);
            case 1 -> disk.failNth(DiskOperation.WRITE, nth, DiskFault.DISK_FULL, ".log");
            case 2 -> disk.failNth(DiskOperation.FORCE, nth, DiskFault.EIO);
            default -> disk.failNth(null, nth, DiskFault.CRASH);
        }
        count("fault planned");
    }

    /** Works for some operations, dies in one way or the other, and compares what comes back. */
    void live(int operations) throws IOException {
        boolean crashed = false;
        for (int i = 0; i < operations && !crashed && !failed; i++) {
            try {
                operate();
            } catch (SimulatedCrash e) {
                count("crash in a call");
                crashed = true;
            }
        }
        boolean powerCut = failed || random.percent(60);
        if (!crashed && !failed && random.percent(25)) {
            crashed = closeCleanly();
            powerCut = crashed && powerCut;
        }
        die(powerCut);
        reopen(powerCut);
    }

    private boolean closeCleanly() {
        try {
            disk.clearFaults();
            time.runFor(100_000_000);
            store.close();
            count("clean stop");
            return false;
        } catch (SimulatedCrash | IOException e) {
            count("stop failed");
            return true;
        }
    }

    private void die(boolean powerCut) {
        owner.kill();
        workers.kill();
        models.forEach(model -> model.log = null);
        if (powerCut) {
            gone.clear();
            disk.powerCut();
        } else {
            disk.kill();
        }
        count(powerCut ? "power cut" : "kill");
    }

    private void reopen(boolean powerCut) throws IOException {
        boolean lost = powerCut;
        // A start may be cut short too.
        for (int attempt = 0; random.percent(30) && attempt < 3; attempt++) {
            disk.failNth(null, 1 + random.nextInt(120), DiskFault.CRASH);
            try {
                start();
                disk.clearFaults();
                time.runFor(random.nextLong(5_000_000));
            } catch (SimulatedCrash e) {
                count("crash during a start");
            }
            boolean again = random.nextBoolean();
            lost |= again;
            die(again);
        }
        disk.clearFaults();
        start();
        for (ModelLog model : models) {
            model.verifyRecovered(lost);
        }
        for (LogId id : gone) {
            assertTrue(!store.exists(id), () -> id + " was deleted and is back");
        }
    }
}
