package io.penstock.broker.replication;

import io.penstock.protocol.message.PenstockError;
import java.io.IOException;

/** Another broker did not do what was asked of it. */
public final class PeerException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final PenstockError error;

    /** What went wrong. */
    public enum Reason {
        /** Nothing was sent: the broker is not registered, or there is no connection to it. */
        UNREACHABLE,
        /** Sent, but the connection broke, or no answer came in time: whether it was done is unknown. */
        NO_ANSWER,
        /** The broker answered with an error. */
        REFUSED
    }

    public PeerException(Reason reason, String message) {
        this(reason, PenstockError.NONE, message);
    }

    /** @param error what a broker that {@link Reason#REFUSED refused} said */
    public PeerException(Reason reason, PenstockError error, String message) {
        super(message);
        this.reason = reason;
        this.error = error;
    }

    public Reason reason() {
        return reason;
    }

    /** {@link PenstockError#NONE} unless refused. */
    public PenstockError error() {
        return error;
    }
}
