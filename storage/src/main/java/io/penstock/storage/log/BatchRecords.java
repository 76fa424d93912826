package io.penstock.storage.log;

import io.penstock.protocol.record.InvalidBatchException;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordCursor;
import io.penstock.storage.log.PartitionLog.TimestampedOffset;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Looks at the records inside a batch, compressed or not. */
final class BatchRecords {
    private BatchRecords() {}

    /** The first record at or after both limits; null when the batch has none. */
    static TimestampedOffset firstAtOrAfter(ByteBuffer batch, long timestampMillis, long startOffset)
            throws IOException {
        try {
            RecordCursor cursor = new RecordCursor().open(RecordBatch.of(batch), AppendCheck.DECOMPRESSED_BYTES_MAX);
            Record record = cursor.record();
            while (cursor.next()) {
                if (record.timestamp() >= timestampMillis && record.offset() >= startOffset) {
                    return new TimestampedOffset(record.offset(), record.timestamp(), -1);
                }
            }
            return null;
        } catch (InvalidBatchException e) {
            throw new IOException("a batch at offset " + BatchHeader.baseOffset(batch, 0) + " cannot be read", e);
        }
    }
}
