package io.penstock.protocol.selector;

/** A selector that is none, or is beyond a limit; the message says what is wrong and where. */
public final class SelectorSyntaxException extends Exception {
    private static final long serialVersionUID = 1L;

    SelectorSyntaxException(String message) {
        super(message);
    }
}
