package io.penstock.protocol.name;

/**
 * The name of a queue or topic, which is that of its Kafka topic: 1 to 249 of {@code A-Z a-z 0-9 . _ -}, neither
 * {@code .} nor {@code ..}. Names that begin with two underscores are the broker's own.
 *
 * @param partitions how many partitions are asked for when it is made, 0 for the default
 */
public record DestinationName(String name, int partitions) {
    public static final int CHARS_MAX = 249;
    public static final int PARTITIONS_MAX = 10_000;

    private static final String RESERVED = "__";
    private static final String PARTITIONS_OPTION = "partitions=";

    /**
     * Reads {@code NAME} or {@code NAME?partitions=N}.
     *
     * @throws InvalidNameException for names and options that cannot be
     */
    public static DestinationName parse(String text) {
        if (text == null) {
            throw new InvalidNameException("a destination needs a name");
        }
        int question = text.indexOf('?');
        if (question < 0) {
            check(text);
            return new DestinationName(text, 0);
        }
        String name = text.substring(0, question);
        check(name);
        String option = text.substring(question + 1);
        if (!option.startsWith(PARTITIONS_OPTION)) {
            throw new InvalidNameException("'" + text + "': the only option of a destination is partitions=N");
        }
        return new DestinationName(name, partitions(text, option.substring(PARTITIONS_OPTION.length())));
    }

    private static int partitions(String text, String number) {
        try {
            int partitions = Integer.parseInt(number);
            if (partitions >= 1 && partitions <= PARTITIONS_MAX) {
                return partitions;
            }
        } catch (NumberFormatException e) {
            // The answer is the same as for a number out of range.
        }
        throw new InvalidNameException("'" + text + "': partitions is a number from 1 to " + PARTITIONS_MAX);
    }

    /** @throws InvalidNameException when applications cannot have a destination of that name */
    public static void check(String name) {
        checkTopic(name);
        if (isReserved(name)) {
            throw new InvalidNameException(
                    "'" + name + "': names that begin with two underscores are the broker's own");
        }
    }

    /** As {@link #check}, but the broker's own names pass. */
    public static void checkTopic(String name) {
        if (name == null || name.isEmpty()) {
            throw new InvalidNameException("a destination needs a name");
        }
        if (name.length() > CHARS_MAX) {
            throw new InvalidNameException(
                    "a name of " + name.length() + " characters; at most " + CHARS_MAX + " are allowed");
        }
        if (name.equals(".") || name.equals("..")) {
            throw new InvalidNameException("'" + name + "' cannot be a name: it means a directory");
        }
        for (int i = 0; i < name.length(); i++) {
            if (!Escape.isPlain(name.charAt(i))) {
                throw new InvalidNameException("'" + name + "': character '" + name.charAt(i) + "' at " + i
                        + " is not allowed; a destination is a Kafka topic, whose name has letters A-Z and a-z, digits,"
                        + " '.', '_' and '-'");
            }
        }
    }

    public static boolean isReserved(String name) {
        return name.startsWith(RESERVED);
    }
}
