package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** Writes the primitives of the private protocol, and says beforehand how many bytes they take. */
final class FieldWriter {
    static final int UUID_BYTES = 2 * Long.BYTES;
    static final int BOOLEAN_BYTES = 1;

    private FieldWriter() {}

    static int stringBytes(String value) {
        return Short.BYTES + (value == null ? 0 : utf8Bytes(value));
    }

    static void string(ByteBuffer dst, String value) {
        string(dst, Objects.requireNonNull(value), Short.MAX_VALUE);
    }

    static void nullableString(ByteBuffer dst, String value) {
        if (value == null) {
            dst.putShort((short) -1);
        } else {
            string(dst, value, Short.MAX_VALUE);
        }
    }

    private static void string(ByteBuffer dst, String value, int bytesMax) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > bytesMax) {
            throw new IllegalArgumentException(
                    "a string of " + utf8.length + " bytes; at most " + bytesMax + " travel");
        }
        dst.putShort((short) utf8.length).put(utf8);
    }

    static int bytesBytes(ByteBuffer value) {
        return Integer.BYTES + value.remaining();
    }

    /** Leaves the position of {@code value} alone. */
    static void bytes(ByteBuffer dst, ByteBuffer value) {
        int length = value.remaining();
        dst.putInt(length);
        dst.put(dst.position(), value, value.position(), length);
        dst.position(dst.position() + length);
    }

    static void bool(ByteBuffer dst, boolean value) {
        dst.put((byte) (value ? 1 : 0));
    }

    static void uuid(ByteBuffer dst, UUID value) {
        dst.putLong(value.getMostSignificantBits()).putLong(value.getLeastSignificantBits());
    }

    static int listBytes(List<? extends PrivateMessage> elements) {
        int bytes = Integer.BYTES;
        for (int i = 0; i < elements.size(); i++) {
            bytes += elements.get(i).sizeBytes();
        }
        return bytes;
    }

    static void list(ByteBuffer dst, List<? extends PrivateMessage> elements) {
        dst.putInt(elements.size());
        for (int i = 0; i < elements.size(); i++) {
            elements.get(i).writeTo(dst);
        }
    }

    static int int32sBytes(List<Integer> elements) {
        return Integer.BYTES + elements.size() * Integer.BYTES;
    }

    static void int32s(ByteBuffer dst, List<Integer> elements) {
        dst.putInt(elements.size());
        elements.forEach(dst::putInt);
    }

    /** As {@code getBytes(UTF_8).length}: a surrogate without its other half becomes one question mark. */
    static int utf8Bytes(String value) {
        int bytes = value.length();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                if (c < 0x800) {
                    bytes++;
                } else if (!Character.isSurrogate(c)) {
                    bytes += 2;
                } else if (Character.isHighSurrogate(c)
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1))) {
                    bytes += 2;
                    i++;
                }
            }
        }
        return bytes;
    }
}
