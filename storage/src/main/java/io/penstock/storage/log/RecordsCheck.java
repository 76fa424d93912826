package io.penstock.storage.log;

import java.nio.ByteBuffer;

/** Counts what is really inside a batch: records must fill it exactly, with offset deltas from 0 on. */
final class RecordsCheck {
    private RecordsCheck() {}

    static void check(LogId log, ByteBuffer b, int at) throws LogException {
        if (BatchHeader.compression(b, at) != 0) {
            return;
        }
        int end = at + BatchHeader.sizeBytes(b, at);
        int count = BatchHeader.count(b, at);
        int position = at + BatchHeader.BYTES;
        for (int i = 0; i < count; i++) {
            long length = zigzag(b, position, end);
            position = skipVarint(b, position, end);
            if (length < 5 || position < 0 || length > end - position) {
                throw BatchValidator.corrupt(log, "ends inside of record " + i + " of " + count);
            }
            int recordEnd = position + (int) length;
            int delta = skipVarint(b, position + 1, recordEnd);
            if (delta < 0 || zigzag(b, delta, recordEnd) != i) {
                throw BatchValidator.corrupt(log, "has a wrong offset in record " + i);
            }
            position = recordEnd;
        }
        if (position != end) {
            throw BatchValidator.corrupt(log, "has " + (end - position) + " bytes behind its " + count + " records");
        }
    }

    /** Value of a zigzag varint; Long.MIN_VALUE when it does not end in time. */
    private static long zigzag(ByteBuffer b, int at, int end) {
        long raw = 0;
        for (int i = at, shift = 0; i < end && shift < 35; i++, shift += 7) {
            byte next = b.get(i);
            raw |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        return Long.MIN_VALUE;
    }

    /** Position behind a varint of at most ten bytes; -1 when it does not end in time. */
    private static int skipVarint(ByteBuffer b, int at, int end) {
        for (int i = at; i < end && i < at + 10; i++) {
            if (b.get(i) >= 0) {
                return i + 1;
            }
        }
        return -1;
    }
}
