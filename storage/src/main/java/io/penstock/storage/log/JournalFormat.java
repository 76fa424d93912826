package io.penstock.storage.log;

import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The bytes of a journal file, big-endian:
 *
 * <pre>
 * file    magic i32 "PSJF" | version i16 | 0 i16 | generation i64 | firstSequence i64 | journalFrom i64 | crc32c i32
 *         ... to 64 | group*
 * group   magic i32 "PSJG" | payloadBytes i32 | generation i64 | sequence i64 | crc32c i32 (of 4..24 and payload) | 0 i32
 *         | record*
 * record  bytes i32 (after the 48 of this header) | type i8 | kind i8 | 0 i16 | partition i32 | topicId 2 x i64
 *         | offset i64 | end i64 | position i32 | data
 * </pre>
 *
 * A group is what one force makes durable; a torn one was not acknowledged to anybody. Groups of an older generation
 * than the file's are left over from its earlier use. {@code journalFrom} is the oldest generation that was still
 * needed when the file was begun.
 */
final class JournalFormat {
    static final int FILE_HEADER_BYTES = 64;
    static final int GROUP_HEADER_BYTES = 32;
    static final int RECORD_HEADER_BYTES = 48;

    static final int FILE_MAGIC = 0x50534A46;
    static final int GROUP_MAGIC = 0x50534A47;
    static final short VERSION = 1;

    /** What a record says. */
    enum Type {
        /** Bytes of a segment: offset = the segment's base, end = offset after them, position in the segment. */
        DATA,
        /** The log ends at offset: in the segment with base {@code end}, at position. */
        TRUNCATE,
        /** The log starts at offset. */
        START,
        /** All that the journal said of this log before is void; offset = the number of the log's deletion. */
        FORGET,
        /** Bytes that were staged, and must not be replayed as their log's force failed before the group's. */
        VOID;

        private static final Type[] ALL = values();

        static Type of(int code) {
            return code >= 0 && code < ALL.length ? ALL[code] : null;
        }
    }

    /** A record as replay sees it; {@code data} is a slice of the journal's bytes. */
    record Entry(Type type, LogId id, long offset, long end, int position, ByteBuffer data) {}

    private JournalFormat() {}

    static void putRecordHeader(ByteBuffer to, Type type, LogId id, long offset, long end, int position, int bytes) {
        to.putInt(bytes);
        to.put((byte) type.ordinal());
        to.put((byte) id.kind().ordinal());
        to.putShort((short) 0);
        to.putInt(id.partition());
        to.putLong(id.topicId().getMostSignificantBits());
        to.putLong(id.topicId().getLeastSignificantBits());
        to.putLong(offset);
        to.putLong(end);
        to.putInt(position);
    }

    /** Reads the record at the buffer's position and moves behind it; null when the bytes are none. */
    static Entry readRecord(ByteBuffer from) {
        if (from.remaining() < RECORD_HEADER_BYTES) {
            return null;
        }
        int bytes = from.getInt();
        Type type = Type.of(from.get());
        int kind = from.get();
        from.getShort();
        int partition = from.getInt();
        UUID topicId = new UUID(from.getLong(), from.getLong());
        long offset = from.getLong();
        long end = from.getLong();
        int position = from.getInt();
        if (type == null || kind < 0 || kind > 1 || bytes < 0 || bytes > from.remaining()) {
            return null;
        }
        ByteBuffer data = from.slice(from.position(), bytes);
        from.position(from.position() + bytes);
        return new Entry(type, new LogId(topicId, partition, LogId.Kind.values()[kind]), offset, end, position, data);
    }

    /** Turns a log's data in a group that is being filled into records that say nothing. */
    static void leaveOutData(ByteBuffer group, LogId id) {
        int end = group.position();
        for (int at = GROUP_HEADER_BYTES; at < end; at += RECORD_HEADER_BYTES + group.getInt(at)) {
            if (group.get(at + 4) == Type.DATA.ordinal()
                    && group.get(at + 5) == id.kind().ordinal()
                    && group.getInt(at + 8) == id.partition()
                    && group.getLong(at + 12) == id.topicId().getMostSignificantBits()
                    && group.getLong(at + 20) == id.topicId().getLeastSignificantBits()) {
                group.put(at + 4, (byte) Type.VOID.ordinal());
            }
        }
    }

    /** Fills in the header of the group that lies in {@code group} from 0 to its limit. */
    static void putGroupHeader(ByteBuffer group, long generation, long sequence) {
        group.putInt(0, GROUP_MAGIC);
        group.putInt(4, group.limit() - GROUP_HEADER_BYTES);
        group.putLong(8, generation);
        group.putLong(16, sequence);
        group.putInt(24, groupCrc(group, group.limit() - GROUP_HEADER_BYTES));
        group.putInt(28, 0);
    }

    static int groupCrc(ByteBuffer group, int payloadBytes) {
        CRC32C crc = new CRC32C();
        crc.update(group.slice(4, 20));
        crc.update(group.slice(GROUP_HEADER_BYTES, payloadBytes));
        return (int) crc.getValue();
    }

    static ByteBuffer fileHeader(long generation, long firstSequence, long journalFrom) {
        ByteBuffer header = ByteBuffer.allocate(FILE_HEADER_BYTES);
        header.putInt(FILE_MAGIC).putShort(VERSION).putShort((short) 0);
        header.putLong(generation).putLong(firstSequence).putLong(journalFrom);
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, 32));
        header.putInt((int) crc.getValue());
        return header.clear();
    }

    static boolean isFileHeader(ByteBuffer header) {
        if (header.limit() < FILE_HEADER_BYTES || header.getInt(0) != FILE_MAGIC || header.getShort(4) != VERSION) {
            return false;
        }
        CRC32C crc = new CRC32C();
        crc.update(header.slice(0, 32));
        return header.getInt(32) == (int) crc.getValue();
    }
}
