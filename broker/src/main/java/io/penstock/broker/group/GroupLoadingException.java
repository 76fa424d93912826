package io.penstock.broker.group;

/** Groups cannot be listed yet: some are still being read from the log. */
public final class GroupLoadingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GroupLoadingException() {
        super("groups are still being loaded; try again shortly");
    }
}
