package io.penstock.protocol.record;

import java.nio.ByteBuffer;

/**
 * Steps through the records of a batch, which is decompressed first when it is compressed. Reused for one batch after
 * another. Faults are thrown as {@link InvalidBatchException} at the record that has them.
 */
public final class RecordCursor {
    private final Record record = new Record();
    private ByteBuffer buffer;
    private int position;
    private int limit;
    private int index;
    private int count;
    private long baseOffset;
    private long baseTimestamp;
    private long appendTimestamp;
    private boolean logAppendTime;

    /** @param decompressedBytesMax for compressed batches: more than that is refused */
    public RecordCursor open(RecordBatch batch, int decompressedBytesMax) {
        return open(batch, batch.compression() == Compression.NONE ? null : decompress(batch, decompressedBytesMax));
    }

    /** The records of a compressed batch, for {@link #open(RecordBatch, ByteBuffer)}, as often as wanted. */
    public static ByteBuffer decompress(RecordBatch batch, int decompressedBytesMax) {
        return Decompression.decompress(batch.compression(), batch.recordBytes(), decompressedBytesMax);
    }

    /** @param decompressed the batch's records when it is compressed, else null */
    public RecordCursor open(RecordBatch batch, ByteBuffer decompressed) {
        if (decompressed == null) {
            buffer = batch.buffer();
            position = batch.position() + RecordBatch.HEADER_BYTES;
            limit = batch.end();
        } else {
            buffer = decompressed;
            position = 0;
            limit = buffer.limit();
        }
        index = 0;
        count = batch.count();
        baseOffset = batch.baseOffset();
        baseTimestamp = batch.baseTimestamp();
        logAppendTime = batch.logAppendTime();
        appendTimestamp = batch.maxTimestamp();
        record.buffer = buffer;
        return this;
    }

    /** The record at the cursor; the same object for all of them ({@link Record#detached}). */
    public Record record() {
        return record;
    }

    /** @return false behind the last record */
    public boolean next() {
        if (index >= count) {
            if (position != limit) {
                throw InvalidBatchException.invalid(
                        (limit - position) + " bytes after the last of " + count + " records");
            }
            return false;
        }
        record.start = position;
        int length = varint(limit);
        if (length < 0 || length > limit - position) {
            throw fault("has length " + length + ", " + (limit - position) + " bytes are left");
        }
        int end = position + length;
        if (length == 0) {
            throw fault("is empty");
        }
        position++; // Attributes of a record mean nothing yet.
        long timestampDelta = varlong(end);
        int offsetDelta = varint(end);
        record.keyBytes = fieldLength(end, "key");
        record.keyAt = position;
        position += Math.max(0, record.keyBytes);
        record.valueBytes = fieldLength(end, "value");
        record.valueAt = position;
        position += Math.max(0, record.valueBytes);
        int headers = varint(end);
        // Two bytes are the least that a header takes.
        if (headers < 0 || headers > (end - position) / 2 || (headers == 0 && position != end)) {
            throw fault("has " + headers + " headers in " + (end - position) + " bytes");
        }
        record.headerCount = headers;
        record.headersAt = position;
        record.end = end;
        record.offset = baseOffset + offsetDelta;
        record.timestamp = logAppendTime ? appendTimestamp : baseTimestamp + timestampDelta;
        position = end;
        index++;
        return true;
    }

    private int fieldLength(int end, String field) {
        int length = varint(end);
        if (length < Record.NULL || length > end - position) {
            throw fault("has a " + field + " of " + length + " bytes, " + (end - position) + " are left");
        }
        return length;
    }

    private int varint(int end) {
        if (position < end) {
            byte first = buffer.get(position);
            if (first >= 0) {
                position++;
                return first >>> 1 ^ -(first & 1);
            }
        }
        long read = Varint.read(buffer, position, end, Varint.INT_BYTES_MAX);
        position += Varint.length(buffer, position);
        return (int) read;
    }

    private long varlong(int end) {
        if (position < end) {
            byte first = buffer.get(position);
            if (first >= 0) {
                position++;
                return first >>> 1 ^ -(first & 1);
            }
        }
        long read = Varint.read(buffer, position, end, Varint.LONG_BYTES_MAX);
        position += Varint.length(buffer, position);
        return read;
    }

    private InvalidBatchException fault(String fault) {
        return InvalidBatchException.invalid("record " + index + " " + fault);
    }
}
