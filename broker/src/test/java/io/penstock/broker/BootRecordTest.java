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

        assertFalse(live(bootId), "nothing is known of a first life");
        assertTrue(live(bootId));
        Files.writeString(bootId, "two\n");
        assertFalse(live(bootId), "the machine was started anew");
        assertTrue(live(bootId));
        Files.writeString(directory.resolve(BootRecord.FILE), "");
        assertFalse(live(bootId), "a torn record proves nothing");
        Files.delete(bootId);
        assertFalse(live(bootId), "a system without boot ids");
        assertFalse(live(bootId));
        Files.writeString(bootId, "two\n");
        assertFalse(live(bootId), "what was recorded before counts no more");
    }

    @Test
    void aLifeThatWasKilledBeforeItsRegistrationLeavesNoRecord() throws IOException {
        Path bootId = directory.resolve("boot_id");
        Files.writeString(bootId, "one\n");
        live(bootId);
        Files.writeString(bootId, "two\n");

        assertFalse(BootRecord.read(directory, bootId).pageCacheSurvived(), "after the power cut, and killed at once");
        assertFalse(BootRecord.read(directory, bootId).pageCacheSurvived(), "its successor has to say it");
    }

    @Test
    void aLossThatALifeCouldNotTellIsToldByTheNextOne() throws IOException {
        Path bootId = directory.resolve("boot_id");
        Files.writeString(bootId, "one\n");
        live(bootId);
        Files.writeString(bootId, "two\n");

        assertFalse(BootRecord.read(directory, bootId).beginsClean(false), "after the power cut; it cannot register");
        BootRecord next = BootRecord.read(directory, bootId);
        assertFalse(next.beginsClean(true), "the life before has closed its logs cleanly, and told nobody");
        next.leave();
        assertTrue(BootRecord.read(directory, bootId).beginsClean(true));
    }

    @Test
    void aFailedForceMakesTheNextLifeUncleanInTheSameBootToo() throws IOException {
        Path bootId = directory.resolve("boot_id");
        Files.writeString(bootId, "one\n");
        live(bootId);

        BootRecord failing = BootRecord.read(directory, bootId);
        assertTrue(failing.beginsClean(false));
        failing.doubt();
        failing.leave();

        BootRecord next = BootRecord.read(directory, bootId);
        assertFalse(next.beginsClean(true));
        next.leave();
        assertTrue(BootRecord.read(directory, bootId).beginsClean(false));
    }

    /** Starts, registers, and is killed. */
    private boolean live(Path bootId) throws IOException {
        BootRecord record = BootRecord.read(directory, bootId);
        record.leave();
        return record.pageCacheSurvived();
    }
}
