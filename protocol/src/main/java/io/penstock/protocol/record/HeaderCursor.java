package io.penstock.protocol.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Steps through the headers of a record. Reused; faults are thrown as {@link InvalidBatchException}. */
public final class HeaderCursor {
    private ByteBuffer buffer;
    private int position;
    private int end;
    private int left;
    private int nameAt;
    private int nameBytes;
    private int valueAt;
    private int valueBytes;

    /** Before the first header of {@code record}. */
    public void open(Record record) {
        buffer = record.buffer;
        position = record.headersAt;
        end = record.end;
        left = record.headerCount;
    }

    /** @return false behind the last header */
    public boolean next() {
        if (left == 0) {
            if (position != end) {
                throw InvalidBatchException.invalid((end - position) + " bytes after the last header");
            }
            return false;
        }
        left--;
        nameBytes = length();
        if (nameBytes < 0) {
            throw InvalidBatchException.invalid("a header without a name");
        }
        nameAt = position;
        position += nameBytes;
        valueBytes = length();
        valueAt = position;
        position += Math.max(0, valueBytes);
        return true;
    }

    void skipAll() {
        while (next()) {
            // Only to see that they are well formed.
        }
    }

    public boolean nameEquals(byte[] name) {
        if (nameBytes != name.length) {
            return false;
        }
        for (int i = nameBytes - 1; i >= 0; i--) {
            if (buffer.get(nameAt + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    public int nameBytes() {
        return nameBytes;
    }

    /** Where the name begins in {@link Record#buffer}. */
    public int nameAt() {
        return nameAt;
    }

    /** Where the value begins in {@link Record#buffer}; of no meaning without a value. */
    public int valueAt() {
        return valueAt;
    }

    /** Byte {@code index} of the name. */
    public byte nameByte(int index) {
        return buffer.get(nameAt + index);
    }

    public String name() {
        return text(nameAt, nameBytes);
    }

    public boolean hasValue() {
        return valueBytes != Record.NULL;
    }

    /** Length of the value; 0 for none. */
    public int valueBytes() {
        return Math.max(0, valueBytes);
    }

    /** Byte {@code index} of the value. */
    public byte valueByte(int index) {
        return buffer.get(valueAt + index);
    }

    /** A slice, or null. */
    public ByteBuffer value() {
        return valueBytes == Record.NULL ? null : buffer.slice(valueAt, valueBytes);
    }

    /** The value as UTF-8, or null. */
    public String valueText() {
        return valueBytes == Record.NULL ? null : text(valueAt, valueBytes);
    }

    private String text(int at, int bytes) {
        if (buffer.hasArray()) {
            return new String(buffer.array(), buffer.arrayOffset() + at, bytes, StandardCharsets.UTF_8);
        }
        byte[] utf8 = new byte[bytes];
        buffer.get(at, utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    private int length() {
        long length = Varint.read(buffer, position, end, Varint.INT_BYTES_MAX);
        position += Varint.length(buffer, position);
        if (length < Record.NULL || length > end - position) {
            throw InvalidBatchException.invalid(
                    "a header field of " + length + " bytes, " + (end - position) + " left");
        }
        return (int) length;
    }
}
