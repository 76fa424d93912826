package io.penstock.broker.group;

/** Why a subscription was not made, used or ended; expected, told to the client. */
public final class SubscriptionException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;

    /** Kinds of refusal. */
    public enum Reason {
        /** It has an active consumer, or messages that are not acknowledged. */
        IN_USE,
        UNKNOWN,
        /** An unshared and a shared one may not have one identity. */
        CONFLICT,
        LIMIT_EXCEEDED
    }

    SubscriptionException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
