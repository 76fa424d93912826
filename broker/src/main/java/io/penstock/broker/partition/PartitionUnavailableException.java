package io.penstock.broker.partition;

import java.io.IOException;

/** This broker cannot serve the partition. */
public final class PartitionUnavailableException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Why. */
    public enum Reason {
        UNKNOWN,
        NOT_LEADER,
        OFFLINE,
        /** Fewer are in sync than {@code min.insync.replicas}; nothing was written. */
        NOT_ENOUGH_REPLICAS,
        /** The same, but it was written, and may be committed later. */
        NOT_ENOUGH_REPLICAS_AFTER_APPEND
    }

    public PartitionUnavailableException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
