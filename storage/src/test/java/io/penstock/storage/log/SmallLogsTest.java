package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.disk.FileDisk;
import io.penstock.storage.simulation.TestBatches;
import io.penstock.storage.time.SerialOwner;
import io.penstock.storage.time.SystemClock;
import io.penstock.storage.time.ThreadWorkers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Small logs are cheap: {@code -Dpenstock.small.logs=10000} for the size that the design asks for. */
@Timeout(300)
class SmallLogsTest {
    private static final int LOGS = Integer.getInteger("penstock.small.logs", 1000);
    private static final int OPEN_FILES_MAX = 200;
    private static final long BYTES_FOR_AN_IDLE_LOG = 4096;

    @TempDir
    Path directory;

    private final ThreadWorkers workers = new ThreadWorkers("test", 2);
    private final SerialOwner owner = new SerialOwner("owner");

    private DirectoryLogStore open() throws Exception {
        StoreConfig d = StoreConfig.defaults(directory);
        StoreConfig config = new StoreConfig(
                directory,
                OPEN_FILES_MAX,
                d.journalFileBytes(),
                d.journalFilesMax(),
                d.stagingBytes(),
                d.directBatchBytes(),
                d.sideFilesFromBytes(),
                d.sideFilesEveryBytes(),
                d.reserveBytes());
        return DirectoryLogStore.open(config, new FileDisk(), new SystemClock(), workers);
    }

    private static LogId id(int i) {
        return LogId.records(new UUID(9, i), 0);
    }

    private static long heapBytes() {
        // Twice: what the first collection finds dead may keep other things alive through references.
        System.gc();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void idleLogsCostLittleMemoryAndFewDescriptors() throws Exception {
        long start = System.nanoTime();
        try (DirectoryLogStore store = open()) {
            CompletableFuture<Void> all = new CompletableFuture<>();
            List<PartitionLog> logs = new ArrayList<>();
            for (int i = 0; i < LOGS; i++) {
                logs.add(store.openNow(id(i), LogConfig.defaults(), owner));
            }
            owner.execute(() -> {
                int[] left = {LOGS};
                for (PartitionLog log : logs) {
                    try {
                        ByteBuffer batch = TestBatches.of(1, 100, 1);
                        log.append(batch, 0, AppendOrigin.CLIENT);
                    } catch (java.io.IOException e) {
                        all.completeExceptionally(e);
                    }
                    log.onDurable(failure -> {
                        if (failure != null) {
                            all.completeExceptionally(failure);
                        } else if (--left[0] == 0) {
                            all.complete(null);
                        }
                    });
                }
            });
            all.get(200, TimeUnit.SECONDS);
            assertTrue(store.openFiles() <= OPEN_FILES_MAX, "open files: " + store.openFiles());
        }
        long made = System.nanoTime();
        try (DirectoryLogStore store = open()) {
            long before = heapBytes();
            List<PartitionLog> logs = new ArrayList<>();
            long reopening = System.nanoTime();
            for (int i = 0; i < LOGS; i++) {
                logs.add(store.openNow(id(i), LogConfig.defaults(), owner));
            }
            long reopened = System.nanoTime();
            long bytes = (heapBytes() - before) / LOGS;
            System.out.printf(
                    "%d logs: made and closed in %d ms, opened again in %d ms, %d bytes of heap each, %d open files%n",
                    LOGS, (made - start) / 1_000_000, (reopened - reopening) / 1_000_000, bytes, store.openFiles());
            assertTrue(bytes < BYTES_FOR_AN_IDLE_LOG, "bytes of heap for an idle log: " + bytes);
            assertTrue(store.openFiles() <= OPEN_FILES_MAX, "open files: " + store.openFiles());
            assertEquals(1, logs.get(LOGS - 1).endOffset());
        }
        owner.close();
        workers.close();
    }
}
