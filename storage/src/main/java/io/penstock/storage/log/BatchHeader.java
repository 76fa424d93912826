package io.penstock.storage.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Fields of a record batch of magic 2, at absolute positions of a big-endian buffer, where only the header may be there;
 * whole batches and their records are read with {@code io.penstock.protocol.record}.
 *
 * <pre>
 *  0 baseOffset i64 | 8 length i32 (bytes after it) | 12 leaderEpoch i32 | 16 magic i8 | 17 crc u32 (of 21 to the end)
 * 21 attributes i16 | 23 lastOffsetDelta i32 | 27 baseTimestamp i64 | 35 maxTimestamp i64
 * 43 producerId i64 | 51 producerEpoch i16 | 53 baseSequence i32 | 57 count i32 | 61 records
 * </pre>
 */
final class BatchHeader {
    static final int BYTES = 61;
    /** Bytes before those that the length field counts. */
    static final int LENGTH_OVERHEAD = 12;

    static final byte MAGIC = 2;
    static final int CRC_FROM = 21;

    private BatchHeader() {}

    static long baseOffset(ByteBuffer b, int at) {
        return b.getLong(at);
    }

    static int sizeBytes(ByteBuffer b, int at) {
        return b.getInt(at + 8) + LENGTH_OVERHEAD;
    }

    static int leaderEpoch(ByteBuffer b, int at) {
        return b.getInt(at + 12);
    }

    static byte magic(ByteBuffer b, int at) {
        return b.get(at + 16);
    }

    static int crc(ByteBuffer b, int at) {
        return b.getInt(at + 17);
    }

    static int attributes(ByteBuffer b, int at) {
        return b.getShort(at + 21);
    }

    static boolean isControl(ByteBuffer b, int at) {
        return (attributes(b, at) & 32) != 0;
    }

    /** Whether the batch's one record is the head of a large message. */
    static boolean isHead(ByteBuffer b, int at) {
        return (attributes(b, at) & 0x1000) != 0 && !isControl(b, at);
    }

    static boolean isTransactional(ByteBuffer b, int at) {
        return (attributes(b, at) & 16) != 0;
    }

    /** Whether the writer vouches that its records are delivered in the log's order; control batches are not delivered. */
    static boolean isInOrder(ByteBuffer b, int at) {
        return (attributes(b, at) & (32 | 0x2000)) != 0;
    }

    /** Whether this is a control batch of a producer: the end of a transaction. */
    static boolean isEndOfTransaction(ByteBuffer b, int at) {
        return isControl(b, at) && producerId(b, at) >= 0;
    }

    static int lastOffsetDelta(ByteBuffer b, int at) {
        return b.getInt(at + 23);
    }

    static long lastOffset(ByteBuffer b, int at) {
        return baseOffset(b, at) + lastOffsetDelta(b, at);
    }

    static long maxTimestamp(ByteBuffer b, int at) {
        return b.getLong(at + 35);
    }

    static long producerId(ByteBuffer b, int at) {
        return b.getLong(at + 43);
    }

    static short producerEpoch(ByteBuffer b, int at) {
        return b.getShort(at + 51);
    }

    static int baseSequence(ByteBuffer b, int at) {
        return b.getInt(at + 53);
    }

    /** Patches what lies outside of the CRC. */
    static void assign(ByteBuffer b, int at, long baseOffset, int leaderEpoch) {
        b.putLong(at, baseOffset);
        b.putInt(at + 12, leaderEpoch);
    }

    /** Stamps log append time, which lies inside of the CRC, so that is made anew. */
    static void stampAppendTime(ByteBuffer b, int at, long timestampMillis) {
        b.putShort(at + 21, (short) (b.getShort(at + 21) | 8));
        b.putLong(at + 35, timestampMillis);
        b.putInt(at + 17, computedCrc(b, at));
    }

    static int computedCrc(ByteBuffer b, int at) {
        CRC32C crc = new CRC32C();
        ByteBuffer covered = b.duplicate();
        covered.limit(at + sizeBytes(b, at)).position(at + CRC_FROM);
        crc.update(covered);
        return (int) crc.getValue();
    }
}
