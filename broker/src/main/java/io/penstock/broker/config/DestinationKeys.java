package io.penstock.broker.config;

import io.penstock.broker.config.ConfigKey.Check;
import io.penstock.broker.config.ConfigKey.Type;
import io.penstock.protocol.name.DestinationName;
import io.penstock.protocol.name.InvalidNameException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The settings of destinations, under the names that Artemis gives them (docs/configuration.md). Stateless. */
public final class DestinationKeys {
    public static final String MAX_DELIVERY_ATTEMPTS = "max-delivery-attempts";
    public static final String REDELIVERY_DELAY = "redelivery-delay";
    public static final String REDELIVERY_DELAY_MULTIPLIER = "redelivery-delay-multiplier";
    public static final String MAX_REDELIVERY_DELAY = "max-redelivery-delay";
    public static final String DEAD_LETTER_ADDRESS = "dead-letter-address";
    public static final String AUTO_CREATE_DEAD_LETTER_RESOURCES = "auto-create-dead-letter-resources";
    public static final String EXPIRY_ADDRESS = "expiry-address";
    public static final String DEFAULT_EXCLUSIVE_QUEUE = "default-exclusive-queue";

    private static final long DELAY_MAX = 10L * 365 * 24 * 3600 * 1000;
    private static final double MULTIPLIER_MAX = 1000;

    private static final Map<String, ConfigKey> KEYS = new LinkedHashMap<>();

    static {
        add(
                MAX_DELIVERY_ATTEMPTS,
                Type.INT,
                "10",
                value -> value.equals("-1") ? null : ConfigKey.atLeast(1).fault(value),
                "How often a message is delivered before it is a dead letter; -1 for any number of times.");
        add(
                REDELIVERY_DELAY,
                Type.LONG,
                "0",
                ConfigKey.between(0, DELAY_MAX),
                "Milliseconds before a message is delivered for the second time.");
        add(
                REDELIVERY_DELAY_MULTIPLIER,
                Type.DOUBLE,
                "1.0",
                DestinationKeys::multiplierFault,
                "Each further wait is so many times the one before.");
        add(
                MAX_REDELIVERY_DELAY,
                Type.LONG,
                null,
                ConfigKey.between(0, DELAY_MAX),
                "The longest wait; ten times the redelivery-delay without it.");
        add(
                DEAD_LETTER_ADDRESS,
                Type.STRING,
                "DLQ",
                DestinationKeys::nameFault,
                "Where dead letters go; with an empty value they are dropped.");
        add(
                AUTO_CREATE_DEAD_LETTER_RESOURCES,
                Type.BOOLEAN,
                "true",
                ConfigKey.any(),
                "Make the queue of dead letters, or of expired messages, when it is wanted first; without it they stay"
                        + " where they are until somebody makes it.");
        add(
                EXPIRY_ADDRESS,
                Type.STRING,
                null,
                DestinationKeys::nameFault,
                "Where messages go whose time is over; without it, or with an empty value, they are dropped.");
        add(
                DEFAULT_EXCLUSIVE_QUEUE,
                Type.BOOLEAN,
                "false",
                ConfigKey.any(),
                "One consumer of a queue at a time gets everything; the next takes over when it has gone.");
    }

    private DestinationKeys() {}

    private static void add(String name, Type type, String defaultValue, Check check, String documentation) {
        KEYS.put(name, new ConfigKey(name, type, defaultValue, check, List.of(), true, documentation));
    }

    /** In the order of the documentation. */
    public static List<ConfigKey> all() {
        return List.copyOf(KEYS.values());
    }

    /** What is wrong with a setting, as a sentence for the user, or null. */
    public static String fault(String key, String value) {
        ConfigKey known = KEYS.get(key);
        if (known == null) {
            return "unknown setting '" + key + "'; there are " + String.join(", ", KEYS.keySet());
        }
        String fault = known.fault(value);
        return fault == null ? null : "invalid value '" + value + "' for " + key + ": " + fault;
    }

    private static String multiplierFault(String value) {
        double multiplier = Double.parseDouble(value);
        return multiplier > 0 && multiplier <= MULTIPLIER_MAX
                ? null
                : "it must be above 0 and at most " + (int) MULTIPLIER_MAX;
    }

    private static String nameFault(String value) {
        if (value.isEmpty()) {
            return null;
        }
        try {
            DestinationName.check(value);
            return null;
        } catch (InvalidNameException e) {
            return e.getMessage();
        }
    }
}
