package io.penstock.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether the kernel that a broker's last life ran on is still running: then whatever that life wrote is there,
 * also what it never forced, and nothing can be lost however it ended. Linux tells by its boot id; elsewhere nobody
 * knows, and a death counts as unclean (invariant 5). Used by the thread that starts the broker, and by who finds that the
 * disk fails.
 *
 * <p>The file need not be forced: a power cut that takes it away takes the boot id away too. Only the note of a loss that
 * nobody was told of is: a life that could not register stops cleanly, and its successor finds clean logs and the same
 * boot id.
 */
final class BootRecord {
    private static final Logger LOG = LoggerFactory.getLogger(BootRecord.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    static final String FILE = "boot.id";
    /** Instead of a boot id: a life began with a possible loss, and has not registered. */
    private static final String UNTOLD = "unclean";

    private final Path file;
    /** Empty when this system does not tell. */
    private final String now;

    private final String before;
    private boolean doubted;

    private BootRecord(Path file, String now, String before) {
        this.file = file;
        this.now = now;
        this.before = before;
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
        return new BootRecord(file, now, before);
    }

    boolean pageCacheSurvived() {
        return !now.isEmpty() && now.equals(before);
    }

    /**
     * Whether this life begins with everything that was ever acknowledged. When not, that is noted until {@link #leave}.
     *
     * @param closedCleanly whether the logs were when the life before ended
     */
    boolean beginsClean(boolean closedCleanly) throws IOException {
        boolean clean = !before.equals(UNTOLD) && (closedCleanly || pageCacheSurvived());
        if (!clean) {
            noteUntold();
        }
        return clean;
    }

    private void noteUntold() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(
                file,
                UNTOLD + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.DSYNC);
    }

    /** A force has failed: the kernel may have dropped what it had, so the next life does not begin with everything. */
    synchronized void doubt() {
        if (doubted) {
            return;
        }
        doubted = true;
        try {
            noteUntold();
        } catch (IOException e) {
            LOG.error("The disk fails, and that the broker's data may be incomplete could not be noted in {}", file, e);
        }
    }

    /**
     * For the next life. Only when this one is registered: a life that came after a power cut and was killed before it
     * could say so must not make the next one look clean.
     */
    synchronized void leave() throws IOException {
        if (doubted) {
            return;
        }
        Files.createDirectories(file.getParent());
        Files.writeString(file, now + "\n");
    }
}
