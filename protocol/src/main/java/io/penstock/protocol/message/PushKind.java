package io.penstock.protocol.message;

/** Kinds of frames that the broker sends without being asked. */
public enum PushKind {
    DELIVER(1),
    DRAINED(2),
    CONSUMER_ERROR(3),
    CONNECTION_ERROR(4);

    private static final PushKind[] VALUES = values();

    private final short code;

    PushKind(int code) {
        this.code = (short) code;
    }

    public short code() {
        return code;
    }

    /** @throws MalformedMessageException for a code that does not exist */
    public static PushKind of(short code) {
        if (code < 1 || code > VALUES.length) {
            throw new MalformedMessageException("kind of push is " + code);
        }
        return VALUES[code - 1];
    }
}
