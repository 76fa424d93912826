package io.penstock.broker.config;

import java.util.List;

/**
 * One key of configuration.
 *
 * @param defaultValue null when there is none
 * @param check is applied to a value that has the right type
 * @param inherits for a topic's key: the broker keys that give its default, the strongest first
 * @param dynamic for a broker's key: can be changed while the broker runs
 */
public record ConfigKey(
        String name,
        Type type,
        String defaultValue,
        Check check,
        List<BrokerKey> inherits,
        boolean dynamic,
        String documentation) {

    /** How a value is written. */
    public enum Type {
        BOOLEAN,
        INT,
        LONG,
        DOUBLE,
        STRING,
        LIST,
        PASSWORD
    }

    /** A broker's key in another unit: the topic's value is the broker's times {@code factor}. */
    public record BrokerKey(String name, long factor) {}

    /** Says what is wrong with a value, or null. */
    public interface Check {
        String fault(String value);
    }

    public boolean sensitive() {
        return type == Type.PASSWORD;
    }

    /** What is wrong with {@code value}, or null. */
    public String fault(String value) {
        if (value == null) {
            return "a value is missing";
        }
        String wrongType = typeFault(value.trim());
        return wrongType != null ? wrongType : check.fault(value.trim());
    }

    private String typeFault(String value) {
        try {
            switch (type) {
                case BOOLEAN -> {
                    if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
                        return "it must be true or false";
                    }
                }
                case INT -> Integer.parseInt(value);
                case LONG -> Long.parseLong(value);
                case DOUBLE -> Double.parseDouble(value);
                default -> {
                    // any text
                }
            }
            return null;
        } catch (NumberFormatException e) {
            return "it is not a number of type " + type.name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static Check any() {
        return value -> null;
    }

    static Check atLeast(long least) {
        return value -> Long.parseLong(value) >= least ? null : "it must be at least " + least;
    }

    static Check between(long least, long most) {
        return value -> Long.parseLong(value) >= least && Long.parseLong(value) <= most
                ? null
                : "it must be between " + least + " and " + most;
    }

    static Check oneOf(String... values) {
        return value -> List.of(values).contains(value) ? null : "it must be one of " + String.join(", ", values);
    }

    /** Known to Kafka, and done here in one way alone. */
    static Check only(String value, String why) {
        return given -> given.equalsIgnoreCase(value) ? null : "only '" + value + "' is possible: " + why;
    }
}
