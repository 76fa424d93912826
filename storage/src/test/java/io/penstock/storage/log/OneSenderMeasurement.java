package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.disk.FileDisk;
import io.penstock.storage.simulation.TestBatches;
import io.penstock.storage.time.SerialOwner;
import io.penstock.storage.time.SystemClock;
import io.penstock.storage.time.ThreadWorkers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Measures one blocking sender of 1 KiB on one log, in turns with what the disk itself needs, so that both see the same
 * load: {@code java -cp ... io.penstock.storage.log.OneSenderMeasurement DIRECTORY [ROUNDS]}. Prints medians.
 */
public final class OneSenderMeasurement {
    private static final int PER_ROUND = 200;

    private OneSenderMeasurement() {}

    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(args[0]), "one-sender");
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 20;
        long[] disk = new long[rounds * PER_ROUND];
        long[] journal = new long[rounds * PER_ROUND];
        long[] perFile = new long[rounds * PER_ROUND];
        ThreadWorkers workers = new ThreadWorkers("measure", 2);
        SerialOwner owner = new SerialOwner("owner");
        StoreConfig d = StoreConfig.defaults(directory.resolve("journal"));
        StoreConfig direct = new StoreConfig(
                directory.resolve("direct"),
                d.openFilesMax(),
                d.journalFileBytes(),
                d.journalFilesMax(),
                d.stagingBytes(),
                0,
                d.sideFilesFromBytes(),
                d.sideFilesEveryBytes(),
                d.reserveBytes());
        FileDisk files = new FileDisk();
        try (DirectoryLogStore first = DirectoryLogStore.open(d, files, new SystemClock(), workers);
                DirectoryLogStore second = DirectoryLogStore.open(direct, files, new SystemClock(), workers);
                DiskFile file = files.open(directory.resolve("raw"), true)) {
            PartitionLog one = first.openNow(LogId.records(UUID.randomUUID(), 0), LogConfig.defaults(), owner);
            PartitionLog two = second.openNow(LogId.records(UUID.randomUUID(), 0), LogConfig.defaults(), owner);
            file.allocate((rounds + 3L) * PER_ROUND * 4096);
            file.force(true);
            for (int round = -3; round < rounds; round++) {
                for (int i = 0; i < PER_ROUND; i++) {
                    int at = Math.max(0, round * PER_ROUND + i);
                    disk[at] = raw(file, (round + 3L) * PER_ROUND + i);
                }
                for (int i = 0; i < PER_ROUND; i++) {
                    journal[Math.max(0, round * PER_ROUND + i)] = send(one, owner);
                }
                for (int i = 0; i < PER_ROUND; i++) {
                    perFile[Math.max(0, round * PER_ROUND + i)] = send(two, owner);
                }
            }
            owner.close();
        }
        workers.close();
        print("write+fdatasync 4 KiB, preallocated", disk);
        print("one sender, journal", journal);
        print("one sender, force of its file", perFile);
    }

    private static void print(String what, long[] nanos) {
        Arrays.sort(nanos);
        System.out.printf(
                "%-36s p50 %5d us  p25 %5d us  p90 %5d us%n",
                what,
                nanos[nanos.length / 2] / 1000,
                nanos[nanos.length / 4] / 1000,
                nanos[nanos.length * 9 / 10] / 1000);
    }

    private static long raw(DiskFile file, long block) throws Exception {
        ByteBuffer bytes = ByteBuffer.allocateDirect(4096);
        long start = System.nanoTime();
        file.write(bytes, block * 4096);
        file.force(false);
        return System.nanoTime() - start;
    }

    /** From the owner's append to the owner's knowledge that it is durable. */
    private static long send(PartitionLog log, SerialOwner owner) throws Exception {
        CompletableFuture<Long> done = new CompletableFuture<>();
        ByteBuffer batch = TestBatches.of(1, 950, 1);
        owner.execute(() -> {
            long start = System.nanoTime();
            try {
                log.append(batch, 0, AppendOrigin.CLIENT);
            } catch (java.io.IOException e) {
                done.completeExceptionally(e);
            }
            log.onDurable(failure -> done.complete(System.nanoTime() - start));
        });
        return done.get();
    }
}
