package io.penstock.jms.transport;

import java.io.IOException;

/** The peer's bytes are not what the protocol says; the connection cannot go on. */
public final class MalformedFrameException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedFrameException(String message) {
        super(message);
    }
}
