package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store's one checkpoint file, replaced atomically: from which generation on the journal is needed, and of each
 * log where it starts, up to where it was checked and forced, and what it must reach.
 *
 * <pre>
 * magic i32 "PSCP" | version i16 | 0 i16 | journalFrom i64 | count i32 | entry* | deletions i64 | crc32c i32 (of all before)
 * entry: topicId 2 x i64 | partition i32 | kind i8 | startOffset i64 | recoveryPoint i64 | mustReach i64
 * </pre>
 *
 * Version 1 has no {@code deletions}. Without the file every batch of every log is checked again, and the whole journal replayed.
 *
 * @param deletions how many deletions of logs it knows of: what the journal forgets under a higher number was deleted
 *     after this was written, which then speaks of files that are gone
 */
record Checkpoint(long journalFrom, Map<LogId, Entry> logs, long deletions) {
    static final String FILE = "checkpoint";
    private static final Logger log = LoggerFactory.getLogger(Checkpoint.class);
    private static final int MAGIC = 0x50534350;
    private static final short VERSION = 2;
    private static final int ENTRY_BYTES = 45;
    private static final int HEADER_BYTES = 20;
    private static final int DELETIONS_BYTES = 8;

    /**
     * @param recoveryPoint everything below was checked and forced
     * @param mustReach the log was acknowledged up to here: when it ends before, it is damaged
     */
    record Entry(long startOffset, long recoveryPoint, long mustReach) {
        static final Entry NONE = new Entry(0, 0, 0);
    }

    static Checkpoint empty() {
        return new Checkpoint(0, new HashMap<>(), 0);
    }

    static Checkpoint read(Disk disk, Path directory) throws IOException {
        Path path = directory.resolve(FILE);
        ByteBuffer bytes = SideFiles.read(disk, path, Integer.MAX_VALUE);
        if (bytes == null) {
            return empty();
        }
        if (!isIntact(bytes)) {
            log.warn("{} is damaged; all logs are checked from their beginning", path);
            return empty();
        }
        bytes.position(8);
        long journalFrom = bytes.getLong();
        int count = bytes.getInt();
        Map<LogId, Entry> logs = new HashMap<>(count * 2);
        for (int i = 0; i < count; i++) {
            UUID topicId = new UUID(bytes.getLong(), bytes.getLong());
            LogId id = new LogId(topicId, bytes.getInt(), LogId.Kind.values()[bytes.get()]);
            logs.put(id, new Entry(bytes.getLong(), bytes.getLong(), bytes.getLong()));
        }
        return new Checkpoint(journalFrom, logs, bytes.getShort(4) < 2 ? 0 : bytes.getLong());
    }

    private static boolean isIntact(ByteBuffer bytes) {
        int limit = bytes.limit();
        if (limit < HEADER_BYTES + 4
                || bytes.getInt(0) != MAGIC
                || bytes.getShort(4) < 1
                || bytes.getShort(4) > VERSION) {
            return false;
        }
        int tail = (bytes.getShort(4) < 2 ? 0 : DELETIONS_BYTES) + 4;
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, limit - 4));
        return (int) crc.getValue() == bytes.getInt(limit - 4)
                && limit == HEADER_BYTES + bytes.getInt(16) * ENTRY_BYTES + tail;
    }

    void write(Disk disk, Path directory) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER_BYTES + logs.size() * ENTRY_BYTES + DELETIONS_BYTES + 4);
        bytes.putInt(MAGIC)
                .putShort(VERSION)
                .putShort((short) 0)
                .putLong(journalFrom)
                .putInt(logs.size());
        logs.forEach((id, entry) -> bytes.putLong(id.topicId().getMostSignificantBits())
                .putLong(id.topicId().getLeastSignificantBits())
                .putInt(id.partition())
                .put((byte) id.kind().ordinal())
                .putLong(entry.startOffset)
                .putLong(entry.recoveryPoint)
                .putLong(entry.mustReach));
        bytes.putLong(deletions);
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(0, bytes.position()));
        bytes.putInt((int) crc.getValue());
        SideFiles.replace(disk, directory.resolve(FILE), bytes.flip(), true);
    }
}
