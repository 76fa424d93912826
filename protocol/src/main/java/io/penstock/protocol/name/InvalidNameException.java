package io.penstock.protocol.name;

/** A name that cannot be; the text says why, for the user. */
public final class InvalidNameException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidNameException(String message) {
        super(message);
    }
}
