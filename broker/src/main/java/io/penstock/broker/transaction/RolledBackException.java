package io.penstock.broker.transaction;

import java.io.IOException;

/** A commit is certain not to have happened, although its decision was on the way to the disk. */
public final class RolledBackException extends IOException {
    private static final long serialVersionUID = 1L;

    public RolledBackException(String message, Throwable cause) {
        super(message, cause);
    }
}
