package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.disk.FileDisk;
import io.penstock.storage.simulation.TestBatches;
import io.penstock.storage.time.SerialOwner;
import io.penstock.storage.time.SystemClock;
import io.penstock.storage.time.ThreadWorkers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * Measures what docs/decisions/0001-journal.md decides: senders that each wait until their 1 KiB is durable, over one
 * or ten logs, with the journal and with a force of each log's file. Not a test; run with
 * {@code java -cp ... io.penstock.storage.log.JournalMeasurement DIRECTORY [SECONDS [ROUNDS]]}.
 */
public final class JournalMeasurement {
    private final Path directory;
    private final long durationNanos;

    private JournalMeasurement(Path directory, long durationNanos) {
        this.directory = directory;
        this.durationNanos = durationNanos;
    }

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        long seconds = args.length > 1 ? Long.parseLong(args[1]) : 2;
        int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 3;
        JournalMeasurement measurement = new JournalMeasurement(directory, seconds * 1_000_000_000L);
        measurement.primitives();
        for (int round = 0; round < rounds; round++) {
            for (int logs : new int[] {1, 10}) {
                for (int senders : new int[] {1, 10, 16}) {
                    measurement.run("journal", logs, senders, Integer.MAX_VALUE, round);
                    measurement.run("sync per file", logs, senders, 0, round);
                }
            }
        }
    }

    /** The disk alone: 4 KiB and 1 MiB written and forced, into preallocated space and appending. */
    private void primitives() throws IOException {
        for (int bytes : new int[] {4096, 1 << 20}) {
            for (boolean allocated : new boolean[] {true, false}) {
                Path path = directory.resolve("primitive");
                int times = bytes == 4096 ? 2000 : 60;
                long[] nanos = new long[times];
                try (DiskFile file = new FileDisk().open(path, true)) {
                    if (allocated) {
                        file.allocate((long) times * bytes);
                        file.force(true);
                    }
                    for (int i = 0; i < times; i++) {
                        long start = System.nanoTime();
                        file.write(ByteBuffer.allocateDirect(bytes), (long) i * bytes);
                        file.force(false);
                        nanos[i] = System.nanoTime() - start;
                    }
                }
                Files.delete(path);
                Arrays.sort(nanos);
                System.out.printf(
                        "write+fdatasync %7d bytes %-12s p50 %6d us%n",
                        bytes, allocated ? "preallocated" : "appending", nanos[times / 2] / 1000);
            }
        }
    }

    private void run(String mode, int logs, int senders, int directBatchBytes, int round) throws Exception {
        Path at = Files.createTempDirectory(directory, "measure");
        StoreConfig d = StoreConfig.defaults(at);
        StoreConfig config = new StoreConfig(
                at,
                d.openFilesMax(),
                d.journalFileBytes(),
                d.journalFilesMax(),
                d.stagingBytes(),
                directBatchBytes,
                d.sideFilesFromBytes(),
                d.sideFilesEveryBytes(),
                d.reserveBytes());
        ThreadWorkers workers = new ThreadWorkers("measure", 2);
        SerialOwner owner = new SerialOwner("owner");
        long[] latencies = new long[4_000_000];
        int[] count = {0};
        try (DirectoryLogStore store = DirectoryLogStore.open(config, new FileDisk(), new SystemClock(), workers)) {
            PartitionLog[] all = new PartitionLog[logs];
            for (int i = 0; i < logs; i++) {
                all[i] = store.openNow(LogId.records(UUID.randomUUID(), i), LogConfig.defaults(), owner);
            }
            CountDownLatch done = new CountDownLatch(senders);
            long until = System.nanoTime() + durationNanos;
            for (int s = 0; s < senders; s++) {
                PartitionLog log = all[s % logs];
                ByteBuffer batch = TestBatches.of(1, 950, 1);
                owner.execute(() -> send(log, batch, owner, latencies, count, until, done));
            }
            done.await();
            owner.close();
        }
        workers.close();
        Arrays.sort(latencies, 0, count[0]);
        System.out.printf(
                "round %d %-14s logs %2d senders %2d: %7.0f/s  p50 %5d us  p99 %6d us%n",
                round,
                mode,
                logs,
                senders,
                count[0] * 1e9 / durationNanos,
                latencies[count[0] / 2] / 1000,
                latencies[(int) (count[0] * 0.99)] / 1000);
        try (Stream<Path> files = Files.walk(at)) {
            for (Path path : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void send(
            PartitionLog log,
            ByteBuffer batch,
            SerialOwner owner,
            long[] latencies,
            int[] count,
            long until,
            CountDownLatch done) {
        long start = System.nanoTime();
        if (start > until) {
            done.countDown();
            return;
        }
        try {
            log.append(batch, 0, AppendOrigin.CLIENT);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        log.onDurable(failure -> {
            latencies[count[0]++] = System.nanoTime() - start;
            owner.execute(() -> send(log, batch, owner, latencies, count, until, done));
        });
    }
}
