package io.penstock.protocol.selector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A value in an evaluation: a constant, or a place that is filled again for each record. Strings are views of UTF-8. */
final class Value {
    static final int NULL = 0;
    static final int BOOLEAN = 1;
    static final int LONG = 2;
    static final int DOUBLE = 3;
    static final int STRING = 4;

    static final Value NOTHING = new Value();
    static final Value YES = of(true);
    static final Value NO = of(false);

    int type = NULL;
    /** The number, or 1 and 0 for true and false. */
    long number;

    double approximate;
    ByteBuffer text;
    int at;
    int length;

    static Value of(boolean truth) {
        Value value = new Value();
        value.set(truth);
        return value;
    }

    static Value of(long number) {
        Value value = new Value();
        value.set(number);
        return value;
    }

    static Value of(double number) {
        Value value = new Value();
        value.set(number);
        return value;
    }

    static Value of(String text) {
        Value value = new Value();
        value.set(text);
        return value;
    }

    void setNull() {
        type = NULL;
    }

    void set(boolean truth) {
        type = BOOLEAN;
        number = truth ? 1 : 0;
    }

    void set(long exact) {
        type = LONG;
        number = exact;
    }

    void set(double number) {
        type = DOUBLE;
        approximate = number;
    }

    void set(String string) {
        byte[] utf8 = string.getBytes(StandardCharsets.UTF_8);
        set(ByteBuffer.wrap(utf8), 0, utf8.length);
    }

    void set(ByteBuffer buffer, int from, int bytes) {
        type = STRING;
        text = buffer;
        at = from;
        length = bytes;
    }

    boolean isNumber() {
        return type == LONG || type == DOUBLE;
    }

    double asDouble() {
        return type == LONG ? number : approximate;
    }

    boolean sameText(Value other) {
        if (length != other.length) {
            return false;
        }
        for (int i = length - 1; i >= 0; i--) {
            if (text.get(at + i) != other.text.get(other.at + i)) {
                return false;
            }
        }
        return true;
    }

    int textHash() {
        int hash = length;
        for (int i = 0; i < length; i++) {
            hash = 31 * hash + text.get(at + i);
        }
        return hash;
    }
}
