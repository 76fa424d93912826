package io.penstock.jms.transport;

import java.io.IOException;

/** The broker's answer was an error. */
public final class RemoteErrorException extends IOException {
    private static final long serialVersionUID = 1L;
    private final short code;

    public RemoteErrorException(short code, String message) {
        super(message);
        this.code = code;
    }

    /** The code of a {@code PenstockError}. */
    public short code() {
        return code;
    }
}
