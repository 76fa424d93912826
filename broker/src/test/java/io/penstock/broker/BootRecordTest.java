package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Invariant 5: when nothing can have been lost. */
@Timeout(10)
class BootRecordTest {
    @TempDir
    Path directory;

    @Test
    void onlyTheSameBootKeepsThePageCache() throws IOException {
        Path bootId = directory.resolve("boot_id");
        Files.writeString(bootId, "one\n");

        assertFalse(BootRecord.pageCacheSurvived(directory, bootId), "nothing is known of a first life");
        assertTrue(BootRecord.pageCacheSurvived(directory, bootId));
        Files.writeString(bootId, "two\n");
        assertFalse(BootRecord.pageCacheSurvived(directory, bootId), "the machine was started anew");
        assertTrue(BootRecord.pageCacheSurvived(directory, bootId));
        Files.writeString(directory.resolve(BootRecord.FILE), "");
        assertFalse(BootRecord.pageCacheSurvived(directory, bootId), "a torn record proves nothing");
        Files.delete(bootId);
        assertFalse(BootRecord.pageCacheSurvived(directory, bootId), "a system without boot ids");
        Files.writeString(bootId, "two\n");
        assertFalse(BootRecord.pageCacheSurvived(directory, bootId), "what was recorded before counts no more");
    }
}
