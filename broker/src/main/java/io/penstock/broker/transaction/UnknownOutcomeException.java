package io.penstock.broker.transaction;

import java.io.IOException;

/**
 * The decision of a commit was written and could not be forced: the next recovery finds it, and carries the commit out,
 * or does not. All or nothing, but not known which (invariants 23 and 25).
 */
public final class UnknownOutcomeException extends IOException {
    private static final long serialVersionUID = 1L;

    UnknownOutcomeException(IOException cause) {
        super("whether the commit was made is known after the next start of the broker: " + cause.getMessage(), cause);
    }
}
