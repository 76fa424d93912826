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
        OFFLINE
    }

    public PartitionUnavailableException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
