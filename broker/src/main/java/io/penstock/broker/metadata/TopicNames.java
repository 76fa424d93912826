package io.penstock.broker.metadata;

import java.util.Set;

/** Kafka's rules for names of topics. Stateless. */
public final class TopicNames {
    public static final int LENGTH_MAX = 249;

    private static final String OWN_PREFIX = "__penstock";
    private static final Set<String> KAFKA_INTERNAL =
            Set.of("__consumer_offsets", "__transaction_state", "__share_group_state");

    private TopicNames() {}

    /** Kafka's internal topics and ours; other names that begin with underscores are ordinary ones, as at Kafka. */
    public static boolean internal(String name) {
        return name.startsWith("__") && (name.startsWith(OWN_PREFIX) || KAFKA_INTERNAL.contains(name));
    }

    /** @throws MetadataException with INVALID_NAME and a text that says which rule is broken */
    public static void check(String name) {
        String fault = fault(name);
        if (fault != null) {
            throw new MetadataException(MetadataException.Reason.INVALID_NAME, fault);
        }
    }

    /** What is wrong with the name, or null. */
    public static String fault(String name) {
        if (name == null || name.isEmpty()) {
            return "Topic name is empty; it needs 1 to 249 of the characters a-z, A-Z, 0-9, '.', '_' and '-'";
        }
        if (name.equals(".") || name.equals("..")) {
            return "Topic name cannot be \".\" or \"..\"";
        }
        if (name.length() > LENGTH_MAX) {
            return "Topic name has " + name.length() + " characters, more than " + LENGTH_MAX;
        }
        for (int i = 0; i < name.length(); i++) {
            if (!legal(name.charAt(i))) {
                return "Topic name " + quoted(name) + " contains " + quoted(name.substring(i, i + 1))
                        + "; only a-z, A-Z, 0-9, '.', '_' and '-' are possible";
            }
        }
        return null;
    }

    /** True when another name could differ only in '.' and '_', which metrics cannot tell apart. */
    static boolean canCollide(String name) {
        return name.indexOf('.') >= 0 || name.indexOf('_') >= 0;
    }

    static String collisionKey(String name) {
        return name.replace('.', '_');
    }

    private static boolean legal(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-';
    }

    /** For texts that go to logs and terminals: control characters and look-alikes are written as escapes. */
    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("'");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 127) {
                out.append(c);
            } else {
                out.append(String.format("\\u%04x", (int) c));
            }
        }
        return out.append('\'').toString();
    }
}
