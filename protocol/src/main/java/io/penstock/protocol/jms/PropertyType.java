package io.penstock.protocol.jms;

/** The types that a property can have; its text in a header is that of the type's {@code toString}. */
public enum PropertyType {
    STRING("string"),
    BOOLEAN("boolean"),
    BYTE("byte"),
    SHORT("short"),
    INT("int"),
    LONG("long"),
    FLOAT("float"),
    DOUBLE("double");

    private static final PropertyType[] VALUES = values();

    private final String word;

    PropertyType(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** @return null when no property can have this value; {@link #STRING} for null */
    public static PropertyType ofValue(Object value) {
        if (value == null || value instanceof String) {
            return STRING;
        } else if (value instanceof Integer) {
            return INT;
        } else if (value instanceof Long) {
            return LONG;
        } else if (value instanceof Boolean) {
            return BOOLEAN;
        } else if (value instanceof Double) {
            return DOUBLE;
        } else if (value instanceof Float) {
            return FLOAT;
        } else if (value instanceof Short) {
            return SHORT;
        } else if (value instanceof Byte) {
            return BYTE;
        }
        return null;
    }

    /** @return {@link #STRING} for a word that means none: what is not understood stays text */
    static PropertyType ofWord(String word) {
        for (PropertyType type : VALUES) {
            if (type.word.equals(word)) {
                return type;
            }
        }
        return STRING;
    }

    /** @return the value, or {@code text} itself when it is not of this type */
    Object read(String text) {
        if (text == null) {
            return null;
        }
        try {
            return switch (this) {
                case STRING -> text;
                case BOOLEAN -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : text;
                case BYTE -> Byte.valueOf(text);
                case SHORT -> Short.valueOf(text);
                case INT -> Integer.valueOf(text);
                case LONG -> Long.valueOf(text);
                case FLOAT -> Float.valueOf(text);
                case DOUBLE -> Double.valueOf(text);
            };
        } catch (NumberFormatException e) {
            return text;
        }
    }
}
