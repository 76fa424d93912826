package io.penstock.jms.transport;

import java.io.IOException;

/** No reply came within the request's deadline. The request may or may not have been done. */
public final class RequestTimedOutException extends IOException {
    private static final long serialVersionUID = 1L;

    public RequestTimedOutException(String message) {
        super(message);
    }
}
