package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Offsets from {@code first} to {@code last}, both included. */
public record OffsetRange(long first, long last) implements PrivateMessage {
    static final int BYTES_MIN = 2 * Long.BYTES;

    public OffsetRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("no range of offsets: " + first + " to " + last);
        }
    }

    /** How many offsets these are. */
    public long count() {
        return last - first + 1;
    }

    public boolean contains(long offset) {
        return first <= offset && offset <= last;
    }

    @Override
    public int sizeBytes() {
        return BYTES_MIN;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(first).putLong(last);
    }

    static OffsetRange read(FieldReader in) {
        long first = in.int64();
        long last = in.int64();
        if (first < 0 || last < first || last == Long.MAX_VALUE) {
            throw new MalformedMessageException("no range of offsets: " + first + " to " + last);
        }
        return new OffsetRange(first, last);
    }
}
