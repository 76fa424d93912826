package io.penstock.jms.transport;

import java.io.IOException;

/** The socket is gone, or was closed by this side. What was under way may or may not have been done. */
public final class ConnectionLostException extends IOException {
    private static final long serialVersionUID = 1L;

    public ConnectionLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
