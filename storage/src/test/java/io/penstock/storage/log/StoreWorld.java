package io.penstock.storage.log;

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
import java.util.List;
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
            models.add(new ModelLog(
                    i % 2 == 0 ? LogId.records(new UUID(7, i), i) : LogId.ledger(new UUID(7, i), i), log, 100 + i));
        }
        start();
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
        ByteBuffer batch = TestBatches.batch()
                .timestamps(timestamps)
                .valueBytes(random.percent(5) ? 9000 : random.nextInt(300))
                .fill(random.nextInt(256))
                .producer(model.producerId, 0, model.nextSequence)
                .build();
        long base = model.endOffset();
        // What a crash in the middle leaves may be there or not, with these bytes.
        ByteBuffer patched = ByteBuffer.wrap(new byte[batch.remaining()]).put(batch.duplicate());
        BatchHeader.assign(patched, 0, base, model.epoch);
        model.batches.add(new ModelLog.Batch(base, patched.array(), timestamp, model.nextSequence, records));
        model.nextSequence += records;
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
    }
}
