package io.penstock.protocol.record;

import java.nio.ByteBuffer;

/**
 * A record where it lies in its batch (or in what the batch was decompressed to). The one that a {@link RecordCursor}
 * shows changes with each step; {@link #detached} is one that stays, as long as the buffer does.
 *
 * <pre>
 * varint length | int8 attributes | varlong timestampDelta | varint offsetDelta
 *   | varint keyLength (-1 null) | key | varint valueLength (-1 null) | value
 *   | varint headerCount | headers [varint nameLength | name | varint valueLength (-1 null) | value]
 * </pre>
 */
public final class Record {
    static final int NULL = -1;

    ByteBuffer buffer;
    long offset;
    long timestamp;
    int start;
    int end;
    int keyAt;
    int keyBytes;
    int valueAt;
    int valueBytes;
    int headersAt;
    int headerCount;

    Record() {}

    /** A view that the cursor does not change. */
    public Record detached() {
        Record copy = new Record();
        copy.buffer = buffer;
        copy.offset = offset;
        copy.timestamp = timestamp;
        copy.start = start;
        copy.end = end;
        copy.keyAt = keyAt;
        copy.keyBytes = keyBytes;
        copy.valueAt = valueAt;
        copy.valueBytes = valueBytes;
        copy.headersAt = headersAt;
        copy.headerCount = headerCount;
        return copy;
    }

    /** What the record lies in; positions of headers are positions of this buffer. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Bytes of all headers, with their lengths. */
    public int headersBytes() {
        return end - headersAt;
    }

    public long offset() {
        return offset;
    }

    public long timestamp() {
        return timestamp;
    }

    /** The record with its length prefix. */
    public int sizeBytes() {
        return end - start;
    }

    public boolean hasKey() {
        return keyBytes != NULL;
    }

    /** A slice, or null. */
    public ByteBuffer key() {
        return keyBytes == NULL ? null : buffer.slice(keyAt, keyBytes);
    }

    public boolean hasValue() {
        return valueBytes != NULL;
    }

    /** Length of the value; 0 for none. */
    public int valueBytes() {
        return Math.max(0, valueBytes);
    }

    /** A slice, or null. */
    public ByteBuffer value() {
        return valueBytes == NULL ? null : buffer.slice(valueAt, valueBytes);
    }

    public int headerCount() {
        return headerCount;
    }

    /** A new cursor before the first header. */
    public HeaderCursor headers() {
        HeaderCursor cursor = new HeaderCursor();
        cursor.open(this);
        return cursor;
    }
}
