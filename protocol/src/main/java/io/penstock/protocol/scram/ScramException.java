package io.penstock.protocol.scram;

/** The other end of an exchange is not who it should be, or does not speak SCRAM. */
public final class ScramException extends Exception {
    private static final long serialVersionUID = 1L;

    ScramException(String message) {
        super(message);
    }

    ScramException(String message, Throwable cause) {
        super(message, cause);
    }
}
