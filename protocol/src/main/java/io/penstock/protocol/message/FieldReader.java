package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * Reads the primitives of the private protocol from a buffer. Every length and count is held against what is left before
 * anything is allocated, so a frame costs no more memory than its own size times a small factor.
 */
final class FieldReader {
    private final ByteBuffer src;

    /** For messages of version 0 alone. */
    FieldReader(ByteBuffer src, short version) {
        if (version != 0) {
            throw new MalformedMessageException("version " + version + " of a message that has only version 0");
        }
        this.src = src;
    }

    FieldReader(ByteBuffer src) {
        this.src = src;
    }

    byte int8() {
        need(Byte.BYTES);
        return src.get();
    }

    short int16() {
        need(Short.BYTES);
        return src.getShort();
    }

    int int32() {
        need(Integer.BYTES);
        return src.getInt();
    }

    long int64() {
        need(Long.BYTES);
        return src.getLong();
    }

    boolean bool() {
        byte value = int8();
        if (value != 0 && value != 1) {
            throw new MalformedMessageException("boolean is " + value);
        }
        return value == 1;
    }

    UUID uuid() {
        need(2 * Long.BYTES);
        return new UUID(src.getLong(), src.getLong());
    }

    String string() {
        String value = nullableString();
        if (value == null) {
            throw new MalformedMessageException("null where a string must be");
        }
        return value;
    }

    String nullableString() {
        int length = int16();
        if (length == -1) {
            return null;
        }
        if (length < 0) {
            throw new MalformedMessageException("string length is " + length);
        }
        need(length);
        byte[] utf8 = new byte[length];
        src.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /** A slice, not a copy. */
    ByteBuffer bytes() {
        int length = int32();
        if (length < 0) {
            throw new MalformedMessageException("byte length is " + length);
        }
        need(length);
        ByteBuffer slice = src.slice(src.position(), length);
        src.position(src.position() + length);
        return slice;
    }

    /** A copy of up to 127 bytes. */
    byte[] shortBytes() {
        int length = int8();
        if (length < 0) {
            throw new MalformedMessageException("byte length is " + length);
        }
        need(length);
        byte[] copy = new byte[length];
        src.get(copy);
        return copy;
    }

    /** @param elementBytesMin the fewest bytes that one element can have, at least 1 */
    <T> List<T> list(int elementBytesMin, Function<FieldReader, T> element) {
        int count = int32();
        if (count < 0 || count > src.remaining() / elementBytesMin) {
            throw new MalformedMessageException(
                    "array of " + count + " elements in the " + src.remaining() + " bytes that are left");
        }
        if (count == 0) {
            return List.of();
        }
        List<T> elements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            elements.add(element.apply(this));
        }
        return Collections.unmodifiableList(elements);
    }

    List<Integer> int32s() {
        return list(Integer.BYTES, FieldReader::int32);
    }

    /** The message is read: nothing may be left. */
    <T> T last(T message) {
        if (src.hasRemaining()) {
            throw new MalformedMessageException(src.remaining() + " bytes after the message");
        }
        return message;
    }

    private void need(int bytes) {
        if (src.remaining() < bytes) {
            throw new MalformedMessageException(bytes + " bytes needed, " + src.remaining() + " left");
        }
    }
}
