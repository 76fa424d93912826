package io.penstock.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.blocking.BlockingCalls;
import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.disk.FileDisk;
import io.penstock.storage.time.Owner;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That the search for blocking calls, which runs in every test of this module, finds them on our event loops. */
@Timeout(30)
class BlockedLoopTest {

    /** What a loop is made to do. */
    private interface Work {
        void run() throws Exception;
    }

    private static List<String> foundIn(Work work) throws Exception {
        try (EventLoops loops = new EventLoops(1)) {
            Owner owner = loops.next();
            CompletableFuture<Void> done = new CompletableFuture<>();
            owner.execute(() -> {
                try {
                    work.run();
                    done.complete(null);
                } catch (Exception e) {
                    done.completeExceptionally(e);
                }
            });
            done.get(10, TimeUnit.SECONDS);
        }
        return BlockingCalls.take();
    }

    private static void found(String method, Work work) throws Exception {
        List<String> found = foundIn(work);
        assertEquals(1, found.size(), found.toString());
        assertTrue(found.get(0).startsWith("thread penstock-loop"), found.get(0));
        assertTrue(found.get(0).lines().findFirst().orElseThrow().contains(method), found.get(0));
        assertTrue(found.get(0).contains(BlockedLoopTest.class.getName()), found.get(0));
    }

    @Test
    void aSleepIsFound() throws Exception {
        found("Thread.sleep", () -> Thread.sleep(1));
    }

    @Test
    void waitingForAnotherThreadIsFound() throws Exception {
        CompletableFuture<Void> late = new CompletableFuture<>();
        CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS).execute(() -> late.complete(null));
        List<String> found = foundIn(late::join);
        assertTrue(found.stream().anyMatch(each -> each.contains("CompletableFuture")), found.toString());
    }

    @Test
    void aForceIsFoundAndAWriteToThePageCacheIsNot(@TempDir Path directory) throws Exception {
        try (DiskFile file = new FileDisk().open(directory.resolve("file"), true)) {
            assertEquals(List.of(), foundIn(() -> file.write(java.nio.ByteBuffer.allocate(10), 0)));
            found("ChannelFile.force", () -> file.force(false));
        }
    }

    @Test
    void makingAFileIsFound(@TempDir Path directory) throws Exception {
        found(
                "FileDisk.open",
                () -> new FileDisk().open(directory.resolve("file"), true).close());
    }

    @Test
    void otherThreadsMayBlock() throws Exception {
        Thread.sleep(1);
        assertEquals(List.of(), BlockingCalls.take());
    }
}
