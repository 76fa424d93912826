package io.penstock.jms;

import java.util.Map;

/** The values of options, with their defaults and limits. */
final class OptionValues {
    private final Map<UrlOption, String> values;

    OptionValues(Map<UrlOption, String> values) {
        this.values = values;
    }

    /** Null when there is none. */
    String text(UrlOption option) {
        String value = values.get(option);
        return value == null || value.isEmpty() ? option.defaultValue() : value;
    }

    int number(UrlOption option) {
        return number(option, text(option));
    }

    boolean bool(UrlOption option) {
        return bool(option, text(option));
    }

    /**
     * Values that have a meaning of their own elsewhere: Artemis' window of no or a few bytes, and Qpid's of no messages, let
     * a consumer hold nothing ahead, which is as good as one message here; Artemis' window of -1 has no limit.
     *
     * @return false if it is a value like others
     */
    static boolean asElsewhere(String name, String value, Map<UrlOption, String> options) {
        if (name.equals("consumerWindowSize") && value.equals("-1")) {
            options.put(UrlOption.PREFETCH_BYTES, Integer.toString(1 << 30));
        } else if (name.equals("consumerWindowSize") && value.matches("[0-9]{1,3}")) {
            options.put(UrlOption.PREFETCH, "1");
        } else if (name.equals("jms.prefetchPolicy.all") && value.equals("0")) {
            options.put(UrlOption.PREFETCH, "1");
        } else {
            return false;
        }
        return true;
    }

    /** @throws IllegalArgumentException that names the option */
    static void check(UrlOption option, String value) {
        switch (option) {
            case PREFETCH,
                    PREFETCH_BYTES,
                    CALL_TIMEOUT,
                    CONNECT_TIMEOUT,
                    TRANSACTION_BYTES,
                    RECONNECT_ATTEMPTS,
                    INITIAL_CONNECT_ATTEMPTS,
                    RECONNECT_DELAY,
                    RECONNECT_DELAY_MAX -> number(option, value);
            case RECONNECT_MULTIPLIER -> decimal(option, value);
            case LOCAL_SOCKET, BLOCK_ON_PERSISTENT_SEND, BLOCK_ON_NON_PERSISTENT_SEND, AUTO_GROUP ->
                bool(option, value);
            case TYPE -> type(value);
            case CLIENT_ID, USERNAME, PASSWORD, GROUP_ID, DESERIALIZATION_ALLOW_LIST -> {
                // Any text; the broker, or the allow list, checks it.
            }
        }
    }

    private static int number(UrlOption option, String value) {
        int least =
                switch (option) {
                    case PREFETCH_BYTES, TRANSACTION_BYTES -> 1024;
                    case RECONNECT_ATTEMPTS, INITIAL_CONNECT_ATTEMPTS -> -1;
                    default -> 1;
                };
        int most =
                switch (option) {
                    case PREFETCH -> 100_000;
                    case PREFETCH_BYTES, TRANSACTION_BYTES -> 1 << 30;
                    case RECONNECT_ATTEMPTS, INITIAL_CONNECT_ATTEMPTS -> 1_000_000;
                    default -> 3_600_000;
                };
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(text(option, value), e);
        }
        throw new IllegalArgumentException(text(option, value));
    }

    double decimal(UrlOption option) {
        return decimal(option, text(option));
    }

    private static double decimal(UrlOption option, String value) {
        try {
            double number = Double.parseDouble(value);
            if (number >= 1 && number <= 100) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(text(option, value), e);
        }
        throw new IllegalArgumentException(text(option, value));
    }

    private static boolean bool(UrlOption option, String value) {
        if (value.equals("true") || value.equals("false")) {
            return value.equals("true");
        }
        throw new IllegalArgumentException(text(option, value));
    }

    private static void type(String value) {
        if (!isXa(value) && !value.equals("CF") && !value.equals("QUEUE_CF") && !value.equals("TOPIC_CF")) {
            throw new IllegalArgumentException(text(UrlOption.TYPE, value));
        }
    }

    /** Whether a {@code type} means a factory for distributed transactions. */
    static boolean isXa(String type) {
        return type != null && (type.equals("XA_CF") || type.equals("QUEUE_XA_CF") || type.equals("TOPIC_XA_CF"));
    }

    private static String text(UrlOption option, String value) {
        return "option '" + option.key() + "' is '" + value + "'; allowed: " + option.range();
    }
}
