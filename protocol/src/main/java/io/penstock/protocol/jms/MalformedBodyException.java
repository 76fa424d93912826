package io.penstock.protocol.jms;

/** The value of a record is not what its headers say. */
public final class MalformedBodyException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedBodyException(String message, Throwable cause) {
        super(message, cause);
    }
}
