package io.penstock.protocol.message;

/** A private message that is not what the protocol says: cut off, counted wrongly, or with a value that does not exist. */
public final class MalformedMessageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedMessageException(String message) {
        super(message);
    }
}
