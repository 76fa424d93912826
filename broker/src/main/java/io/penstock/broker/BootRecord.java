package io.penstock.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether the kernel that a broker's last life ran on is still running: then whatever that life wrote is there,
 * also what it never forced, and nothing can be lost however it ended. Linux tells by its boot id; elsewhere nobody
 * knows, and a death counts as unclean (invariant 5). Used once, by the thread that starts the broker.
 *
 * <p>The file need not be forced: a power cut that takes it away takes the boot id away too.
 */
final class BootRecord {
    private static final Logger LOG = LoggerFactory.getLogger(BootRecord.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    static final String FILE = "boot.id";

    private BootRecord() {}

    /** Compares with the life before, and leaves the record for the next. */
    static boolean pageCacheSurvived(Path directory) throws IOException {
        return pageCacheSurvived(directory, BOOT_ID);
    }

    static boolean pageCacheSurvived(Path directory, Path bootId) throws IOException {
        Path file = directory.resolve(FILE);
        String before = Files.exists(file) ? Files.readString(file).trim() : "";
        String now;
        try {
            now = Files.readString(bootId).trim();
        } catch (IOException e) {
            LOG.debug("this system has no boot id", e);
            Files.deleteIfExists(file);
            return false;
        }
        Files.createDirectories(directory);
        Files.writeString(file, now + "\n");
        return !now.isEmpty() && now.equals(before);
    }
}
