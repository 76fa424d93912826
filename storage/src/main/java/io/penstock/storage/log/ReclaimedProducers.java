package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one file of a log that is not made from the log: the state of its idempotent producers where its removed
 * segments ended (invariant 14). Durable before the first of those is deleted, in the format of {@link
 * ProducerSnapshot}; as there, producers expire and their number is limited. There is none while no producer is known.
 */
final class ReclaimedProducers {
    static final String FILE = "reclaimed-producers";
    private static final Logger log = LoggerFactory.getLogger(ReclaimedProducers.class);

    private ReclaimedProducers() {}

    /**
     * Takes the file's producers over.
     *
     * @return up to which offset it speaks, which the log starts at or behind; 0 when there is none
     */
    static long read(Disk disk, Path directory, ProducerStates producers, long nowMillis) throws IOException {
        ByteBuffer found = whole(disk, directory);
        if (found == null) {
            return 0;
        }
        ProducerSnapshot.decode(found, producers, nowMillis);
        return ProducerSnapshot.nextOffset(found);
    }

    /** Up to which offset the log's segments may have been deleted with what they said of producers; 0 for none. */
    static long endOffset(Disk disk, Path directory) throws IOException {
        ByteBuffer found = whole(disk, directory);
        return found == null ? 0 : ProducerSnapshot.nextOffset(found);
    }

    private static ByteBuffer whole(Disk disk, Path directory) throws IOException {
        Path path = directory.resolve(FILE);
        ByteBuffer found = ProducerSnapshot.read(disk, path);
        if (found == null && disk.exists(path)) {
            log.warn("{} is damaged: repeats of producers whose records are gone will not be known", path);
        }
        return found;
    }

    /** Replaces the file, durably; the log's directory must be durable itself. */
    static void write(Disk disk, Path directory, ProducerStates producers, long endOffset) throws IOException {
        if (producers.count() > 0 || disk.exists(directory.resolve(FILE))) {
            ByteBuffer bytes = ProducerSnapshot.encode(producers, endOffset, 0);
            SideFiles.replace(disk, directory.resolve(FILE), bytes, true);
        }
    }
}
