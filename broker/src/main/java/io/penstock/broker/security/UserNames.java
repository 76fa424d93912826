package io.penstock.broker.security;

import java.nio.charset.StandardCharsets;

/** What a user may be called, and names that nobody can have. Names come from clients: nothing in them is trusted. */
public final class UserNames {
    /** Who has given no name, where that is allowed. */
    public static final String ANONYMOUS = "ANONYMOUS";

    /** A broker of this cluster. */
    public static final String BROKER = "__broker";

    private static final String RESERVED_PREFIX = "__";
    private static final int BYTES_MAX = 200;
    private static final int SHOWN_MAX = 80;

    private UserNames() {}

    /** Why a user cannot have the name; null when it can. */
    public static String fault(String name) {
        if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX) {
            return "a user's name has 1 to " + BYTES_MAX + " bytes";
        }
        if (name.equals(ANONYMOUS) || name.startsWith(RESERVED_PREFIX)) {
            return "the names " + ANONYMOUS + " and all that begin with " + RESERVED_PREFIX + " are reserved";
        }
        if (!name.equals(name.strip()) || !name.codePoints().allMatch(UserNames::visible)) {
            return "a user's name has no control or invisible characters, and no spaces at its ends";
        }
        return null;
    }

    /** A name as it may be shown: on one line, not long, without anything that changes how the rest is read. */
    public static String shown(String name) {
        if (name == null) {
            return "nobody";
        }
        StringBuilder shown = new StringBuilder();
        name.codePoints()
                .limit(SHOWN_MAX)
                .forEach(each -> shown.appendCodePoint(each == ' ' || visible(each) ? each : '?'));
        return (name.codePointCount(0, name.length()) > SHOWN_MAX ? shown.append("...") : shown).toString();
    }

    private static boolean visible(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
