package io.penstock.protocol.selector;

import io.penstock.protocol.jms.ForeignValue;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The text of properties and of their types in record headers, read where it lies (docs/mapping.md). Stateless. */
final class PropertyText {
    private static final String NOT_UTF8 = "base64:";
    private static final String[] BODY_KINDS = {"text", "bytes", "map", "object", "message", "stream"};

    /** As {@code io.penstock.protocol.jms.PropertyType}, with the range of each whole number. */
    enum Type {
        STRING("string", 0, 0),
        INT("int", Integer.MIN_VALUE, Integer.MAX_VALUE),
        LONG("long", Long.MIN_VALUE, Long.MAX_VALUE),
        BOOLEAN("boolean", 0, 0),
        DOUBLE("double", 0, 0),
        FLOAT("float", 0, 0),
        SHORT("short", Short.MIN_VALUE, Short.MAX_VALUE),
        BYTE("byte", Byte.MIN_VALUE, Byte.MAX_VALUE);

        private static final Type[] VALUES = values();

        private final String word;
        private final long least;
        private final long most;

        Type(String word, long least, long most) {
            this.word = word;
            this.least = least;
            this.most = most;
        }
    }

    private PropertyText() {}

    static boolean is(ByteBuffer buffer, int at, int bytes, String ascii) {
        if (bytes != ascii.length()) {
            return false;
        }
        for (int i = 0; i < bytes; i++) {
            if (buffer.get(at + i) != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether the header {@code penstock.types} is one: otherwise the record is a foreign one. */
    static boolean isBodyKind(ByteBuffer buffer, int at, int bytes) {
        int end = indexOf(buffer, at, at + bytes, ';');
        for (String kind : BODY_KINDS) {
            if (is(buffer, at, end - at, kind)) {
                return true;
            }
        }
        return false;
    }

    /** Fills in the types of those identifiers that the header names: {@code text;count=int,price=double}. */
    static void readTypes(ByteBuffer buffer, int at, int bytes, IdentifierTable identifiers, Type[] types) {
        int end = at + bytes;
        for (int from = indexOf(buffer, at, end, ';') + 1; from < end; ) {
            int comma = indexOf(buffer, from, end, ',');
            int equals = indexOf(buffer, from, comma, '=');
            if (equals < comma) {
                int index = identifiers.find(buffer, from, equals - from);
                if (index != IdentifierTable.NONE) {
                    types[index] = typeOf(buffer, equals + 1, comma - equals - 1);
                }
            }
            from = comma + 1;
        }
    }

    private static Type typeOf(ByteBuffer buffer, int at, int bytes) {
        for (Type type : Type.VALUES) {
            if (is(buffer, at, bytes, type.word)) {
                return type;
            }
        }
        return Type.STRING;
    }

    /** {@code end} when it is not there. */
    private static int indexOf(ByteBuffer buffer, int from, int end, char wanted) {
        for (int i = from; i < end; i++) {
            if (buffer.get(i) == wanted) {
                return i;
            }
        }
        return end;
    }

    /** Reads a property as its type says; text that does not fit it stays text. */
    static void read(ByteBuffer buffer, int at, int bytes, Type type, Value value) {
        switch (type) {
            case BYTE, SHORT, INT, LONG -> {
                if (isLong(buffer, at, bytes)) {
                    long number = number(buffer, at, bytes);
                    if (number >= type.least && number <= type.most) {
                        value.set(number);
                        return;
                    }
                }
            }
            case BOOLEAN -> {
                boolean truth = is(buffer, at, bytes, "true");
                if (truth || is(buffer, at, bytes, "false")) {
                    value.set(truth);
                    return;
                }
            }
            case FLOAT, DOUBLE -> {
                if (readFraction(buffer, at, bytes, type, value)) {
                    return;
                }
            }
            case STRING -> {
                // Below.
            }
        }
        readText(buffer, at, bytes, value);
    }

    private static boolean readFraction(ByteBuffer buffer, int at, int bytes, Type type, Value value) {
        if (bytes > 1000) {
            return false;
        }
        String text = ForeignValue.text(buffer.slice(at, bytes));
        try {
            value.set(type == Type.FLOAT ? Float.parseFloat(text) : Double.parseDouble(text));
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    static void readText(ByteBuffer buffer, int at, int bytes, Value value) {
        if (bytes > Selector.VALUE_BYTES_MAX) {
            value.setNull();
            return;
        }
        for (int i = at; i < at + bytes; i++) {
            if (buffer.get(i) < 0) {
                if (ForeignValue.strictText(buffer.slice(at, bytes)) == null) {
                    byte[] raw = new byte[bytes];
                    buffer.get(at, raw);
                    value.set(NOT_UTF8 + new String(Base64.getEncoder().encode(raw), StandardCharsets.US_ASCII));
                    return;
                }
                break;
            }
        }
        value.set(buffer, at, bytes);
    }

    /** Whether {@link #number} can read it: a sign or none, digits, and no overflow. */
    static boolean isLong(ByteBuffer buffer, int at, int bytes) {
        boolean signed = bytes > 0 && (buffer.get(at) == '-' || buffer.get(at) == '+');
        int from = at + (signed ? 1 : 0);
        int end = at + bytes;
        if (from >= end || bytes > 1000) {
            return false;
        }
        boolean negative = signed && buffer.get(at) == '-';
        long value = 0;
        for (int i = from; i < end; i++) {
            int digit = buffer.get(i) - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            // Downwards, where there is room for one more.
            if (value < (Long.MIN_VALUE + digit) / 10) {
                return false;
            }
            value = 10 * value - digit;
        }
        return negative || value != Long.MIN_VALUE;
    }

    static long number(ByteBuffer buffer, int at, int bytes) {
        boolean negative = buffer.get(at) == '-';
        long value = 0;
        for (int i = negative || buffer.get(at) == '+' ? at + 1 : at; i < at + bytes; i++) {
            value = 10 * value - (buffer.get(i) - '0');
        }
        return negative ? value : -value;
    }

    /** Code points of valid UTF-8; what is not valid was replaced before it became a value. */
    static int decode(Value text, int[] into) {
        ByteBuffer buffer = text.text;
        int count = 0;
        int end = text.at + text.length;
        for (int i = text.at; i < end; ) {
            int lead = buffer.get(i);
            int more = lead >= 0 ? 0 : lead >= (byte) 0xf0 ? 3 : lead >= (byte) 0xe0 ? 2 : 1;
            if (i + more >= end) {
                throw new IllegalStateException("text that was checked ends within a character");
            }
            int point = more == 0 ? lead : lead & 0x3f >> more;
            for (int j = 1; j <= more; j++) {
                point = point << 6 | buffer.get(i + j) & 0x3f;
            }
            into[count++] = point;
            i += 1 + more;
        }
        return count;
    }
}
