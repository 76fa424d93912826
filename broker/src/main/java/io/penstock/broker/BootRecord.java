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

    private final Path file;
    /** Empty when this system does not tell. */
    private final String now;

    private final boolean survived;

    private BootRecord(Path file, String now, boolean survived) {
        this.file = file;
        this.now = now;
        this.survived = survived;
    }

    /** Compares with what the life before left. */
    static BootRecord read(Path directory) throws IOException {
        return read(directory, BOOT_ID);
    }

    static BootRecord read(Path directory, Path bootId) throws IOException {
        Path file = directory.resolve(FILE);
        String before = Files.exists(file) ? Files.readString(file).trim() : "";
        String now = "";
        try {
            now = Files.readString(bootId).trim();
        } catch (IOException e) {
            LOG.debug("this system has no boot id", e);
        }
        return new BootRecord(file, now, !now.isEmpty() && now.equals(before));
    }

    boolean pageCacheSurvived() {
        return survived;
    }

    /**
     * For the next life. Only when this one is registered: a life that came after a power cut and was killed before it
     * could say so must not make the next one look clean.
     */
    void leave() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, now + "\n");
    }
}
