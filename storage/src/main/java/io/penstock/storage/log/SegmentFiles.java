package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;

/** The files of a log's directory, by the offsets in their names. */
final class SegmentFiles {
    private SegmentFiles() {}

    static Path path(Path directory, long baseOffset, String suffix) {
        return directory.resolve(LogNames.file(baseOffset, suffix));
    }

    /** Removes a segment and what lies beside it. */
    static void deleteAll(Disk disk, Path directory, long baseOffset) throws IOException {
        disk.delete(path(directory, baseOffset, LogNames.SEGMENT));
        disk.delete(path(directory, baseOffset, LogNames.INDEX));
        disk.delete(path(directory, baseOffset, LogNames.PRODUCERS));
    }

    /** Removes what can be rebuilt and speaks of offsets from {@code offset} on. */
    static void deleteSideFilesFrom(Disk disk, Path directory, long offset) throws IOException {
        for (String name : disk.list(directory)) {
            if (LogNames.number(name, LogNames.INDEX) >= offset
                    || LogNames.number(name, LogNames.PRODUCERS) >= offset) {
                disk.delete(directory.resolve(name));
            }
        }
    }

    /** Removes a log's directory with everything in it. */
    static void deleteDirectory(Disk disk, Path directory) throws IOException {
        for (String name : disk.list(directory)) {
            disk.delete(directory.resolve(name));
        }
        disk.delete(directory);
    }
}
