package io.penstock.protocol.message;

/** Errors of private responses. The code is what travels; JMS exceptions are made of it in one place in the client. */
public enum PenstockError {
    NONE(0),
    /** The message names what; nothing was done. */
    INTERNAL(1),
    INVALID_REQUEST(2),
    UNSUPPORTED_VERSION(3),
    NOT_AUTHENTICATED(4),
    NOT_AUTHORISED(5),
    INVALID_CLIENT_ID(6),
    UNKNOWN_DESTINATION(7),
    INVALID_DESTINATION(8),
    WRONG_KIND(9),
    INVALID_SELECTOR(10),
    NOT_LEADER(11),
    STORAGE_FAILED(12),
    STORAGE_FULL(13),
    MESSAGE_TOO_LARGE(14),
    INVALID_RECORD(15),
    OUT_OF_ORDER_SEQUENCE(16),
    FENCED(17),
    UNKNOWN_SUBSCRIPTION(18),
    SUBSCRIPTION_IN_USE(19),
    SUBSCRIPTION_CONFLICT(20),
    UNKNOWN_SESSION(21),
    UNKNOWN_CONSUMER(22),
    /** What was to be settled is no longer held by this session; a transaction with it is rolled back. */
    ACQUISITION_LOST(23),
    TRANSACTION_ROLLED_BACK(24),
    TIMED_OUT(25),
    LIMIT_EXCEEDED(26),
    SHUTTING_DOWN(27),
    NOT_SUPPORTED(28),
    /** A destination that is to be deleted has consumers. */
    DESTINATION_IN_USE(29),
    /** Fewer replicas in sync than the topic asks for; nothing was written, unless the message says that it was. */
    NOT_ENOUGH_REPLICAS(30),
    /** The head of a large message whose pieces are not there; it was not stored. */
    PIECES_GONE(31);

    private final short code;

    PenstockError(int code) {
        this.code = (short) code;
    }

    public short code() {
        return code;
    }

    /** The error of a code; {@link #INTERNAL} for one that a newer peer has invented. */
    public static PenstockError of(short code) {
        return code >= 0 && code < values().length ? values()[code] : INTERNAL;
    }
}
