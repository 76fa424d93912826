package io.penstock.storage.log;

import io.penstock.storage.log.PartitionLog.TimestampedOffset;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Looks at the records inside a batch. */
final class BatchRecords {
    private BatchRecords() {}

    /** The first record at or after both limits; null when the batch has none. */
    static TimestampedOffset firstAtOrAfter(ByteBuffer batch, long timestampMillis, long startOffset)
            throws IOException {
        long base = BatchHeader.baseOffset(batch, 0);
        if (BatchHeader.isLogAppendTime(batch, 0)) {
            return new TimestampedOffset(Math.max(base, startOffset), BatchHeader.maxTimestamp(batch, 0), -1);
        }
        if (BatchHeader.compression(batch, 0) != 0) {
            return new TimestampedOffset(Math.max(base, startOffset), BatchHeader.maxTimestamp(batch, 0), -1);
        }
        int at = BatchHeader.BYTES;
        for (int i = 0; i < BatchHeader.count(batch, 0); i++) {
            long[] length = varint(batch, at);
            long[] timestamp = varint(batch, (int) length[1] + 1);
            long[] delta = varint(batch, (int) timestamp[1]);
            long found = BatchHeader.baseTimestamp(batch, 0) + timestamp[0];
            if (found >= timestampMillis && base + delta[0] >= startOffset) {
                return new TimestampedOffset(base + delta[0], found, -1);
            }
            at = (int) (length[1] + length[0]);
        }
        return null;
    }

    /** Value of a zigzag varint and the position behind it. */
    private static long[] varint(ByteBuffer b, int at) {
        long raw = 0;
        for (int i = at, shift = 0; ; i++, shift += 7) {
            byte next = b.get(i);
            raw |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return new long[] {(raw >>> 1) ^ -(raw & 1), i + 1};
            }
        }
    }
}
