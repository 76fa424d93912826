package io.penstock.storage.log;

import java.io.IOException;

/** What an append or a read may be refused for; expected, and the caller maps each kind to its answer. */
public class LogException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** The kinds of refusal. */
    public enum Reason {
        /** CRC, lengths, count or offsets of a batch do not agree. */
        CORRUPT_BATCH,
        /** Magic other than 2. */
        UNSUPPORTED_FORMAT,
        UNSUPPORTED_COMPRESSION,
        /** A control batch from a client, count zero, or another breach of the rules for clients. */
        INVALID_RECORD,
        BATCH_TOO_LARGE,
        OUT_OF_ORDER_SEQUENCE,
        UNKNOWN_PRODUCER,
        FENCED_PRODUCER_EPOCH,
        /** A transaction's marker from a coordinator that was replaced. */
        FENCED_COORDINATOR,
        /** A batch that belongs to no transaction that its coordinator knows of, or to another than the one begun. */
        INVALID_TRANSACTION_STATE,
        FENCED_LEADER_EPOCH,
        OFFSET_OUT_OF_RANGE,
        /** The log failed before (a failed force, damage in the middle) and must be recovered first. */
        OFFLINE
    }

    public LogException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public LogException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
