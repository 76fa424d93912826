package io.penstock.protocol.record;

/** A record batch that is not what the format says; the text names the place. */
public final class InvalidBatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of wrong, so that each side can map it to the error code of its protocol. */
    public enum Reason {
        /** Bytes were lost or changed on the way: the checksum does not fit, or it is no batch at all. To send again helps. */
        CORRUPT,
        /** What its writer made is against the rules: counts, offsets, a record's fields, codec, control bits. */
        INVALID,
        /** Magic 0 or 1. */
        OLD_MAGIC,
        UNKNOWN_COMPRESSION,
        /** More than the given limit, perhaps only after decompression. */
        TOO_LARGE
    }

    private final Reason reason;

    public InvalidBatchException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    InvalidBatchException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    static InvalidBatchException corrupt(String message) {
        return new InvalidBatchException(Reason.CORRUPT, message);
    }

    static InvalidBatchException invalid(String message) {
        return new InvalidBatchException(Reason.INVALID, message);
    }
}
