package io.penstock.storage.log;

import io.penstock.storage.disk.FileDisk;
import io.penstock.storage.simulation.TestBatches;
import io.penstock.storage.time.SerialOwner;
import io.penstock.storage.time.SystemClock;
import io.penstock.storage.time.ThreadWorkers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Measures the opening of a large log with its side files and without:
 * {@code java -cp ... io.penstock.storage.log.OpenMeasurement DIRECTORY [MEBIBYTES]}.
 */
public final class OpenMeasurement {
    private static final LogId ID = LogId.records(new UUID(1, 1), 0);
    private static final LogConfig CONFIG = LogConfig.defaults().withFlushPolicy(LogConfig.FlushPolicy.NEVER);

    private OpenMeasurement() {}

    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(args[0]), "open");
        int mebibytes = args.length > 1 ? Integer.parseInt(args[1]) : 1024;
        SerialOwner owner = new SerialOwner("owner");
        ThreadWorkers workers = new ThreadWorkers("measure", 2);
        try (DirectoryLogStore store = open(directory, workers)) {
            PartitionLog log = store.openNow(ID, CONFIG, owner);
            CompletableFuture<Void> filled = new CompletableFuture<>();
            owner.execute(() -> {
                try {
                    ByteBuffer batch = TestBatches.of(16, 1000, 1000);
                    for (long bytes = 0; bytes < (long) mebibytes << 20; bytes += batch.remaining()) {
                        log.append(batch, 0, AppendOrigin.CLIENT);
                    }
                    filled.complete(null);
                } catch (java.io.IOException e) {
                    filled.completeExceptionally(e);
                }
            });
            filled.get();
        }
        for (String what : List.of("with side files", "with side files", "without any", "with those made anew")) {
            if (what.startsWith("without")) {
                try (Stream<Path> files = Files.list(directory.resolve("logs").resolve(LogNames.directory(ID)))) {
                    for (Path path : files.toList()) {
                        if (!path.toString().endsWith(LogNames.SEGMENT)) {
                            Files.delete(path);
                        }
                    }
                }
            }
            try (DirectoryLogStore store = open(directory, workers)) {
                long start = System.nanoTime();
                PartitionLog log = store.openNow(ID, CONFIG, owner);
                long opened = System.nanoTime();
                log.read(log.endOffset() / 3, 1, Long.MAX_VALUE, true).close();
                long read = System.nanoTime();
                System.out.printf(
                        "%d MiB, %-21s open %7.2f ms, first look-up %6.2f ms%n",
                        log.sizeBytes() >> 20, what, (opened - start) / 1e6, (read - opened) / 1e6);
            }
        }
        owner.close();
        workers.close();
    }

    private static DirectoryLogStore open(Path directory, ThreadWorkers workers) throws Exception {
        return DirectoryLogStore.open(StoreConfig.defaults(directory), new FileDisk(), new SystemClock(), workers);
    }
}
