package io.penstock.protocol.record;

import java.nio.ByteBuffer;
import java.util.function.LongPredicate;

/**
 * Some records of an uncompressed batch, as a Deliver push carries them: header and chosen records, with length and count
 * that fit. Base offset, offset deltas and last offset stay; the checksum is that of the whole batch and fits no more.
 */
public final class RecordSubset {

    private RecordSubset() {}

    /** @return 0 when no record is chosen */
    public static int sizeBytes(RecordBatch batch, LongPredicate chosenOffset) {
        RecordCursor cursor = open(batch);
        Record record = cursor.record();
        int bytes = 0;
        while (cursor.next()) {
            if (chosenOffset.test(record.offset())) {
                bytes += record.sizeBytes();
            }
        }
        return bytes == 0 ? 0 : RecordBatch.HEADER_BYTES + bytes;
    }

    /**
     * Writes at the position of {@code dst}, which moves behind what was written; nothing is, when no record is chosen.
     *
     * @param dst with room for {@link #sizeBytes}
     */
    public static void write(RecordBatch batch, LongPredicate chosenOffset, ByteBuffer dst) {
        RecordCursor cursor = open(batch);
        Record record = cursor.record();
        int start = dst.position();
        int count = 0;
        // Chosen records are mostly neighbours: they are copied as runs.
        int runFrom = -1;
        int runEnd = -1;
        while (cursor.next()) {
            if (!chosenOffset.test(record.offset())) {
                continue;
            }
            if (count++ == 0) {
                copy(batch.buffer(), batch.position(), batch.position() + RecordBatch.HEADER_BYTES, dst);
            }
            if (record.start != runEnd) {
                copy(batch.buffer(), runFrom, runEnd, dst);
                runFrom = record.start;
            }
            runEnd = record.end;
        }
        if (count > 0) {
            copy(batch.buffer(), runFrom, runEnd, dst);
            dst.putInt(start + RecordBatch.LENGTH_AT, dst.position() - start - RecordBatch.LENGTH_OVERHEAD_BYTES);
            dst.putInt(start + RecordBatch.COUNT_AT, count);
        }
    }

    private static void copy(ByteBuffer src, int from, int to, ByteBuffer dst) {
        if (to > from) {
            dst.put(dst.position(), src, from, to - from);
            dst.position(dst.position() + to - from);
        }
    }

    private static RecordCursor open(RecordBatch batch) {
        if (batch.compression() != Compression.NONE) {
            throw new IllegalArgumentException("a compressed batch travels whole: " + batch);
        }
        return new RecordCursor().open(batch, 0);
    }
}
