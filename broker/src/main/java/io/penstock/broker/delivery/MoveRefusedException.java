package io.penstock.broker.delivery;

import java.io.IOException;

/** The target takes these records neither now nor later, as far as one can tell. */
public final class MoveRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    public MoveRefusedException(String message) {
        super(message);
    }
}
