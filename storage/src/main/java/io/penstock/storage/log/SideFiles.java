package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Writing and reading of small whole files. */
final class SideFiles {
    private static final String TEMPORARY = ".tmp";

    private SideFiles() {}

    /** Writes a new file and renames it over the old one. */
    static void replace(Disk disk, Path path, ByteBuffer bytes, boolean durable) throws IOException {
        Path temporary = path.resolveSibling(path.getFileName() + TEMPORARY);
        try (DiskFile file = disk.open(temporary, true)) {
            file.truncate(0);
            file.write(bytes, 0);
            if (durable) {
                file.force(true);
            }
        }
        disk.rename(temporary, path);
        if (durable) {
            disk.syncDirectory(path.getParent());
        }
    }

    /** Makes a directory and those above it, so that a power cut does not take them away again. */
    static void createDurably(Disk disk, Path directory) throws IOException {
        Path parent = directory.toAbsolutePath().getParent();
        if (!disk.exists(directory)) {
            if (parent != null) {
                createDurably(disk, parent);
            }
            disk.createDirectories(directory);
        }
        // Also when it was there: a run that was killed may have made it and not come this far.
        if (parent != null) {
            disk.syncDirectory(parent);
        }
    }

    /** The whole file; null when there is none or it is larger than {@code bytesMax}. */
    static ByteBuffer read(Disk disk, Path path, int bytesMax) throws IOException {
        if (!disk.exists(path)) {
            return null;
        }
        try (DiskFile file = disk.open(path, false)) {
            if (file.size() > bytesMax) {
                return null;
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            while (bytes.hasRemaining() && file.read(bytes, bytes.position()) > 0) {
                // Reads on until the end.
            }
            return bytes.flip();
        }
    }
}
