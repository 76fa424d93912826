package io.penstock.broker.delivery;

import io.penstock.storage.time.Clock;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** Ledger batches: magic 2, one record without key, whose value is a sequence of {@link LedgerEntry}. */
final class LedgerBatch {

    private static final int RECORD_OVERHEAD_MAX = 32;

    private final Clock clock;
    private ByteBuffer buffer = ByteBuffer.allocate(4096);

    LedgerBatch(Clock clock) {
        this.clock = clock;
    }

    ByteBuffer of(ByteBuffer value) {
        int needed = BatchWindow.HEADER_BYTES + RECORD_OVERHEAD_MAX + value.remaining();
        if (buffer.capacity() < needed) {
            buffer = ByteBuffer.allocate(2 * needed);
        }
        ByteBuffer out = buffer.clear().position(BatchWindow.HEADER_BYTES);
        int valueSize = value.remaining();
        // attributes, timestamp delta, offset delta and key length take a byte each, as does the header count
        putVarint(out, 4 + varintSize(valueSize) + valueSize + 1);
        out.put((byte) 0).put((byte) 0).put((byte) 0);
        putVarint(out, -1);
        putVarint(out, valueSize);
        out.put(value.duplicate());
        out.put((byte) 0);
        int size = out.position();
        long now = clock.millis();
        out.putLong(0, 0).putInt(8, size - 12).putInt(12, 0).put(16, (byte) 2);
        out.putShort(21, (short) 0).putInt(23, 0).putLong(27, now).putLong(35, now);
        out.putLong(43, -1).putShort(51, (short) -1).putInt(53, -1).putInt(57, 1);
        CRC32C crc = new CRC32C();
        crc.update(out.array(), 21, size - 21);
        out.putInt(17, (int) crc.getValue());
        return out.flip();
    }

    /** Applies all values of whole batches at or above {@code from}; the offset after the last batch. */
    static long forEachValue(ByteBuffer batches, long from, LedgerState state) throws LedgerCorruptException {
        long next = from;
        for (int at = 0; at < batches.limit(); at += 12 + batches.getInt(at + 8)) {
            long base = batches.getLong(at);
            if (base >= from) {
                ByteBuffer record = batches.duplicate().position(at + BatchWindow.HEADER_BYTES);
                readVarint(record);
                record.position(record.position() + 3);
                readVarint(record);
                int size = readVarint(record);
                state.apply(record.slice(record.position(), size));
            }
            next = base + batches.getInt(at + 23) + 1;
        }
        return next;
    }

    private static int varintSize(int value) {
        return (38 - Integer.numberOfLeadingZeros(value << 1 ^ value >> 31 | 1)) / 7;
    }

    private static void putVarint(ByteBuffer out, int value) {
        int rest = value << 1 ^ value >> 31;
        while ((rest & ~0x7F) != 0) {
            out.put((byte) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    private static int readVarint(ByteBuffer in) {
        int raw = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = in.get();
            raw |= (next & 0x7F) << shift;
            if (next >= 0) {
                return raw >>> 1 ^ -(raw & 1);
            }
        }
    }
}
