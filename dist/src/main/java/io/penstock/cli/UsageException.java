package io.penstock.cli;

/** The command or its configuration is wrong: exit code 2, a line of text and no trace. */
final class UsageException extends Exception {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
