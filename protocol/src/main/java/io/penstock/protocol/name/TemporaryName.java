package io.penstock.protocol.name;

import java.util.UUID;

/**
 * The name of a temporary destination: its home broker, by which any broker can find it, and what tells it from all others.
 * Its topic id follows from the name, so that nobody has to ask for it.
 *
 * <pre>
 * __tmp.BROKER.UNIQUE      the broker's id in decimal digits, 63 random bits in base 36
 * </pre>
 *
 * @param unique positive
 */
public record TemporaryName(int brokerId, long unique) {
    private static final String PREFIX = "__tmp.";
    private static final int RADIX = 36;
    /** No topic of ZooKeeper's has it: those are random ones, of version 4. */
    private static final int UUID_VERSION = 8;

    public TemporaryName {
        if (brokerId < 0 || unique < 0) {
            throw new InvalidNameException("broker " + brokerId + ", number " + unique);
        }
    }

    /** Whether a name has the form; applications cannot make such names otherwise. */
    public static boolean isTemporary(String name) {
        return name.startsWith(PREFIX);
    }

    /** Whether a topic id is one of {@link #topicId}. */
    public static boolean isTemporary(UUID topicId) {
        return topicId.version() == UUID_VERSION;
    }

    /** The home broker in the id of a temporary destination. */
    public static int brokerId(UUID topicId) {
        return (int) (topicId.getMostSignificantBits() >>> Integer.SIZE);
    }

    /** @throws InvalidNameException for a text that {@link #text} did not make */
    public static TemporaryName parse(String text) {
        int dot = text.indexOf('.', PREFIX.length());
        if (isTemporary(text) && dot > 0) {
            try {
                TemporaryName name = new TemporaryName(
                        Integer.parseInt(text.substring(PREFIX.length(), dot)),
                        Long.parseLong(text.substring(dot + 1), RADIX));
                if (name.text().equals(text)) {
                    return name;
                }
            } catch (NumberFormatException e) {
                // The answer is the same as for any other text.
            }
        }
        throw new InvalidNameException("'" + text + "' is not the name of a temporary destination");
    }

    public String text() {
        return PREFIX + brokerId + '.' + Long.toString(unique, RADIX);
    }

    /** The broker in the upper half's upper half, the number in the rest, beside the bits of version and variant. */
    public UUID topicId() {
        long version = (long) UUID_VERSION << 12;
        long lowTwo = unique & 3; // Two bits of the lower half are the variant's.
        return new UUID((long) brokerId << 32 | version | lowTwo, 1L << 63 | unique >>> 2);
    }
}
