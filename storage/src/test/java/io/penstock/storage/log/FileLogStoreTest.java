package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.disk.FileDisk;
import io.penstock.storage.simulation.TestBatches;
import io.penstock.storage.time.SerialOwner;
import io.penstock.storage.time.SystemClock;
import io.penstock.storage.time.ThreadWorkers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store on real files and threads. */
@Timeout(30)
class FileLogStoreTest {
    @TempDir
    Path directory;

    private final ThreadWorkers workers = new ThreadWorkers("test", 2);
    private final SerialOwner owner = new SerialOwner("owner");

    @AfterEach
    void stop() {
        owner.close();
        workers.close();
    }

    private DirectoryLogStore openStore() throws IOException {
        return DirectoryLogStore.open(StoreConfig.defaults(directory), new FileDisk(), new SystemClock(), workers);
    }

    @FunctionalInterface
    interface Action<T> {
        T run() throws Exception;
    }

    private <T> T onOwner(Action<T> action) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        owner.execute(() -> {
            try {
                result.complete(action.run());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        return result.get(20, TimeUnit.SECONDS);
    }

    @Test
    void whoFailsWhenToldOfDurabilityKeepsNobodyElseWaiting() throws Exception {
        try (DirectoryLogStore store = openStore()) {
            PartitionLog log = store.openNow(LogId.records(UUID.randomUUID(), 0), LogConfig.defaults(), owner);
            for (int round = 0; round < 2; round++) {
                CompletableFuture<IOException> durable = new CompletableFuture<>();
                onOwner(() -> {
                    log.append(TestBatches.of(1, 100, 1000), 0, AppendOrigin.CLIENT);
                    log.onDurable(failure -> {
                        throw new IllegalStateException("simulated");
                    });
                    log.onDurable(failure -> {
                        throw new StackOverflowError("simulated");
                    });
                    log.onDurable(durable::complete);
                    return null;
                });
                assertEquals(null, durable.get(10, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void appendsBecomeDurableAndAreReadAfterACleanRestart() throws Exception {
        LogId id = LogId.records(UUID.randomUUID(), 0);
        try (DirectoryLogStore store = openStore()) {
            assertFalse(store.startedClean());
            PartitionLog log = store.openNow(id, LogConfig.defaults(), owner);
            CompletableFuture<IOException> durable = new CompletableFuture<>();
            onOwner(() -> {
                for (int i = 0; i < 10; i++) {
                    log.append(TestBatches.of(3, 100, 1000 + i), 0, AppendOrigin.CLIENT);
                }
                log.onDurable(durable::complete);
                return null;
            });
            assertEquals(null, durable.get(10, TimeUnit.SECONDS));
            assertEquals(30L, onOwner(log::durableEndOffset));
        }
        try (DirectoryLogStore store = openStore()) {
            assertTrue(store.startedClean());
            PartitionLog log = store.open(id, LogConfig.defaults(), owner)
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
            assertEquals(30, log.endOffset());
            try (LogSlice slice = onOwner(() -> log.read(4, 1 << 20, Long.MAX_VALUE, true))) {
                ByteBuffer bytes = ByteBuffer.allocate(slice.sizeBytes());
                slice.readInto(bytes);
                assertEquals(3, bytes.getLong(0), "base offset of the batch that holds offset 4");
                assertEquals(9 * TestBatches.of(3, 100, 0).remaining(), slice.sizeBytes());
            }
        }
    }

    @Test
    void concurrentLogsShareForcesAndAllBecomeDurable() throws Exception {
        try (DirectoryLogStore store = openStore()) {
            List<CompletableFuture<IOException>> waits = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                PartitionLog log = store.openNow(LogId.records(UUID.randomUUID(), i), LogConfig.defaults(), owner);
                for (int n = 0; n < 20; n++) {
                    CompletableFuture<IOException> wait = new CompletableFuture<>();
                    waits.add(wait);
                    owner.execute(() -> {
                        try {
                            log.append(TestBatches.of(1, 1000, 1), 0, AppendOrigin.CLIENT);
                            log.onDurable(wait::complete);
                        } catch (IOException e) {
                            wait.completeExceptionally(e);
                        }
                    });
                }
            }
            for (CompletableFuture<IOException> wait : waits) {
                assertEquals(null, wait.get(10, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void secondStoreOnADirectoryIsRefused() throws Exception {
        try (DirectoryLogStore store = openStore()) {
            IOException refused = assertThrows(IOException.class, this::openStore);
            assertTrue(refused.getMessage().contains("in use by another broker"), refused.getMessage());
        }
    }

    @Test
    void deletedLogIsGoneFromTheDiskAndComesBackEmpty() throws Exception {
        LogId id = LogId.records(UUID.randomUUID(), 7);
        try (DirectoryLogStore store = openStore()) {
            PartitionLog log = store.openNow(id, LogConfig.defaults(), owner);
            onOwner(() -> log.append(TestBatches.of(1, 10, 1), 0, AppendOrigin.CLIENT));
            store.delete(id).toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertFalse(store.exists(id));
            assertFalse(Files.exists(directory.resolve("logs").resolve(LogNames.directory(id))));
            assertEquals(0, store.openNow(id, LogConfig.defaults(), owner).endOffset());
        }
    }
}
