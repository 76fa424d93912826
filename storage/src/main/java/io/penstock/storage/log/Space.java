package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFullException;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Keeps a reserve of disk space for ledgers, so that a full broker can be emptied: records are refused before the
 * last bytes are gone, and taken again as soon as there is space. Any thread.
 */
final class Space {
    /** Bytes that may be appended before the free space is looked at again. */
    private static final long LOOK_EVERY_BYTES = 16L << 20;

    private final Disk disk;
    private final Path directory;
    private final long reserveBytes;
    private long budgetBytes;

    Space(Disk disk, Path directory, long reserveBytes) {
        this.disk = disk;
        this.directory = directory;
        this.reserveBytes = reserveBytes;
    }

    /** @throws DiskFullException when only the reserve is left and the log is no ledger */
    void take(LogId id, int bytes) throws IOException {
        if (reserveBytes <= 0 || id.kind() == LogId.Kind.LEDGER) {
            return;
        }
        synchronized (this) {
            if (budgetBytes < bytes) {
                long free = disk.usableBytes(directory) - reserveBytes;
                if (free < bytes) {
                    budgetBytes = 0;
                    throw new DiskFullException(
                            "no space for " + bytes + " bytes to " + id + " in " + directory + ": only the reserve of "
                                    + reserveBytes + " bytes for acknowledgements is left",
                            null);
                }
                // A part only: other logs' data and other programs use the same disk.
                budgetBytes = Math.max(bytes, Math.min(LOOK_EVERY_BYTES, free / 4));
            }
            budgetBytes -= bytes;
        }
    }
}
