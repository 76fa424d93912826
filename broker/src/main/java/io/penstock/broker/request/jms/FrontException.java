package io.penstock.broker.request.jms;

import io.penstock.protocol.message.PenstockError;

/** A request that is refused, with the error and the text that the client gets. */
public final class FrontException extends Exception {
    private static final long serialVersionUID = 1L;

    private final PenstockError error;

    public FrontException(PenstockError error, String message) {
        this(error, message, null);
    }

    public FrontException(PenstockError error, String message, Throwable cause) {
        // Expected answers: no stack trace is worth its cost.
        super(message, cause, false, false);
        this.error = error;
    }

    static FrontException notAuthenticated(String message) {
        return new FrontException(PenstockError.NOT_AUTHENTICATED, message);
    }

    static FrontException invalid(String message) {
        return new FrontException(PenstockError.INVALID_REQUEST, message);
    }

    static FrontException notSupported(String what) {
        return new FrontException(PenstockError.NOT_SUPPORTED, what + " not supported by this release");
    }

    public PenstockError error() {
        return error;
    }
}
