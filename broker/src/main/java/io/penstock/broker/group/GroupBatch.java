package io.penstock.broker.group;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Group records as batches of magic 2, as a Kafka broker would store them: not compressed, no producer.
 *
 * <pre>
 *   base offset 8 | length 4 | leader epoch 4 | magic 1 | crc 4 | attributes 2 | last offset delta 4
 *   | base timestamp 8 | max timestamp 8 | producer id 8 | producer epoch 2 | base sequence 4 | count 4 | records
 *
 *   record: length | attributes 1 | timestamp delta | offset delta | key length | key | value length | value | headers 0
 *           (lengths and deltas are zigzag varints)
 * </pre>
 */
final class GroupBatch {
    private static final int HEADER_BYTES = 61;
    private static final int LENGTH_AT = 8;
    private static final int LOG_OVERHEAD = 12;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_OFFSET_DELTA_AT = 23;
    private static final int COUNT_AT = 57;
    private static final int RECORD_OVERHEAD_MAX = 32;
    private static final int COMPRESSION_MASK = 0x07;
    private static final int CONTROL_MASK = 0x20;

    private GroupBatch() {}

    static ByteBuffer encode(List<GroupRecord> records, long timestampMillis) {
        List<byte[]> keys = new ArrayList<>(records.size());
        List<byte[]> values = new ArrayList<>(records.size());
        int capacity = HEADER_BYTES;
        for (GroupRecord record : records) {
            byte[] key = GroupRecordCodec.key(record);
            byte[] value = GroupRecordCodec.value(record);
            keys.add(key);
            values.add(value);
            capacity += RECORD_OVERHEAD_MAX + key.length + (value == null ? 0 : value.length);
        }
        ByteBuffer out = ByteBuffer.allocate(capacity);
        out.position(HEADER_BYTES);
        for (int i = 0; i < keys.size(); i++) {
            record(out, i, keys.get(i), values.get(i));
        }
        out.flip();
        out.putLong(0, 0);
        out.putInt(LENGTH_AT, out.limit() - LOG_OVERHEAD);
        out.putInt(12, 0);
        out.put(MAGIC_AT, (byte) 2);
        out.putShort(ATTRIBUTES_AT, (short) 0);
        out.putInt(LAST_OFFSET_DELTA_AT, keys.size() - 1);
        out.putLong(27, timestampMillis);
        out.putLong(35, timestampMillis);
        out.putLong(43, -1);
        out.putShort(51, (short) -1);
        out.putInt(53, -1);
        out.putInt(COUNT_AT, keys.size());
        CRC32C crc = new CRC32C();
        crc.update(out.duplicate().position(ATTRIBUTES_AT));
        out.putInt(CRC_AT, (int) crc.getValue());
        return out;
    }

    private static void record(ByteBuffer out, int offsetDelta, byte[] key, byte[] value) {
        int size = 1
                + 1
                + varintBytes(offsetDelta)
                + varintBytes(key.length)
                + key.length
                + varintBytes(value == null ? -1 : value.length)
                + (value == null ? 0 : value.length)
                + 1;
        varint(out, size);
        out.put((byte) 0);
        varint(out, 0);
        varint(out, offsetDelta);
        varint(out, key.length);
        out.put(key);
        varint(out, value == null ? -1 : value.length);
        if (value != null) {
            out.put(value);
        }
        varint(out, 0);
    }

    /**
     * Reads whole batches that the log has checked already.
     *
     * @return the offset after the last batch, or -1 when there is none
     * @throws IOException when a batch is not one that this broker writes
     */
    static long decode(ByteBuffer batches, Consumer<GroupRecord> records) throws IOException {
        long next = -1;
        while (batches.remaining() >= HEADER_BYTES) {
            int start = batches.position();
            int end = start + LOG_OVERHEAD + batches.getInt(start + LENGTH_AT);
            long baseOffset = batches.getLong(start);
            int attributes = batches.getShort(start + ATTRIBUTES_AT);
            if (batches.get(start + MAGIC_AT) != 2 || (attributes & COMPRESSION_MASK) != 0) {
                throw new IOException("batch at offset " + baseOffset + " of the offsets topic is of another format");
            }
            if ((attributes & CONTROL_MASK) == 0) {
                batch(batches.duplicate().position(start + COUNT_AT).limit(end), records);
            }
            next = baseOffset + batches.getInt(start + LAST_OFFSET_DELTA_AT) + 1;
            batches.position(end);
        }
        return next;
    }

    private static void batch(ByteBuffer in, Consumer<GroupRecord> records) throws IOException {
        int count = in.getInt();
        for (int i = 0; i < count; i++) {
            int size = varint(in);
            ByteBuffer record = in.slice(in.position(), size);
            in.position(in.position() + size);
            record.get();
            varlong(record);
            varint(record);
            ByteBuffer key = bytes(record);
            ByteBuffer value = bytes(record);
            if (key == null) {
                throw new IOException("a record of the offsets topic has no key");
            }
            records.accept(GroupRecordCodec.read(key, value));
        }
    }

    private static ByteBuffer bytes(ByteBuffer in) {
        int length = varint(in);
        if (length < 0) {
            return null;
        }
        ByteBuffer slice = in.slice(in.position(), length);
        in.position(in.position() + length);
        return slice;
    }

    private static int varintBytes(int value) {
        int rest = (value << 1) ^ (value >> 31);
        int bytes = 1;
        while ((rest & ~0x7f) != 0) {
            rest >>>= 7;
            bytes++;
        }
        return bytes;
    }

    private static void varint(ByteBuffer out, int value) {
        int rest = (value << 1) ^ (value >> 31);
        while ((rest & ~0x7f) != 0) {
            out.put((byte) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static int varint(ByteBuffer in) {
        return (int) varlong(in);
    }

    private static long varlong(ByteBuffer in) {
        long raw = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte b = in.get();
            raw |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw new IllegalArgumentException("varint is too long");
    }
}
