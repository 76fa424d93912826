package io.penstock.protocol.message;

/** Queue or topic, as the topic configuration {@code penstock.kind} says. */
public enum DestinationKind {
    QUEUE(1),
    TOPIC(2);

    private static final DestinationKind[] VALUES = values();

    private final byte code;

    DestinationKind(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }

    /** @throws MalformedMessageException for a code that does not exist */
    public static DestinationKind of(byte code) {
        for (DestinationKind value : VALUES) {
            if (value.code == code) {
                return value;
            }
        }
        throw new MalformedMessageException("kind of destination is " + code);
    }
}
