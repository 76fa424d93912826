package io.penstock.jms.message;

import jakarta.jms.MessageFormatException;

/**
 * The conversions of properties, Map and Stream values (Messaging 3.1 §3.5.4, §3.11.3). Null is read as the type's {@code
 * valueOf(null)} reads it: false, or a {@link NumberFormatException}.
 *
 * <pre>
 *         | boolean byte short char int long float double String byte[]
 * boolean |    X                                            X
 * byte    |          X    X          X   X                  X
 * short   |               X          X   X                  X
 * char    |                     X                           X
 * int     |                          X   X                  X
 * long    |                              X                  X
 * float   |                                    X     X      X
 * double  |                                          X      X
 * String  |    X     X    X          X   X     X     X      X
 * byte[]  |                                                         X
 * </pre>
 */
final class Conversions {

    private Conversions() {}

    static boolean toBoolean(Object value) throws MessageFormatException {
        if (value instanceof Boolean flag) {
            return flag;
        } else if (value == null || value instanceof String) {
            return Boolean.parseBoolean((String) value);
        }
        throw unlike(value, "boolean");
    }

    static byte toByte(Object value) throws MessageFormatException {
        if (value instanceof Byte number) {
            return number;
        } else if (value == null || value instanceof String) {
            return Byte.parseByte((String) value);
        }
        throw unlike(value, "byte");
    }

    static short toShort(Object value) throws MessageFormatException {
        if (value instanceof Short || value instanceof Byte) {
            return ((Number) value).shortValue();
        } else if (value == null || value instanceof String) {
            return Short.parseShort((String) value);
        }
        throw unlike(value, "short");
    }

    /** Null has no text that could be converted (§3.11.3): {@link NullPointerException}. */
    static char toChar(Object value) throws MessageFormatException {
        if (value instanceof Character character) {
            return character;
        } else if (value == null) {
            throw new NullPointerException("null is no char");
        }
        throw unlike(value, "char");
    }

    static int toInt(Object value) throws MessageFormatException {
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).intValue();
        } else if (value == null || value instanceof String) {
            return Integer.parseInt((String) value);
        }
        throw unlike(value, "int");
    }

    static long toLong(Object value) throws MessageFormatException {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        } else if (value == null || value instanceof String) {
            return Long.parseLong((String) value);
        }
        throw unlike(value, "long");
    }

    static float toFloat(Object value) throws MessageFormatException {
        if (value instanceof Float number) {
            return number;
        } else if (value == null || value instanceof String) {
            return Float.parseFloat((String) value);
        }
        throw unlike(value, "float");
    }

    static double toDouble(Object value) throws MessageFormatException {
        if (value instanceof Double || value instanceof Float) {
            return ((Number) value).doubleValue();
        } else if (value == null || value instanceof String) {
            return Double.parseDouble((String) value);
        }
        throw unlike(value, "double");
    }

    static String toText(Object value) throws MessageFormatException {
        if (value instanceof byte[]) {
            throw unlike(value, "String");
        }
        return value == null ? null : value.toString();
    }

    /** @return the array itself */
    static byte[] toBytes(Object value) throws MessageFormatException {
        if (value == null || value instanceof byte[]) {
            return (byte[]) value;
        }
        throw unlike(value, "byte[]");
    }

    /** Whether a property can have this value; Map and Stream take chars and byte arrays as well. */
    static boolean isPropertyValue(Object value) {
        return value == null
                || value instanceof String
                || value instanceof Boolean
                || value instanceof Byte
                || value instanceof Short
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Float
                || value instanceof Double;
    }

    /** A copy where one is needed, of what a Map or Stream can hold. */
    static Object bodyValue(Object value) throws MessageFormatException {
        if (value instanceof byte[] bytes) {
            return bytes.clone();
        } else if (value instanceof Character || isPropertyValue(value)) {
            return value;
        }
        throw new MessageFormatException("a body cannot hold a "
                + value.getClass().getName() + "; boxed primitives, String and byte[] are allowed");
    }

    private static MessageFormatException unlike(Object value, String type) {
        return new MessageFormatException("a " + value.getClass().getSimpleName() + " cannot be read as " + type);
    }
}
