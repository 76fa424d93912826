package io.penstock.broker;

import java.io.IOException;

/** A broker that is there for other machines has no users, and may not let in who does not log in. */
public final class NoUsersException extends IOException {
    private static final long serialVersionUID = 1L;

    NoUsersException(String message) {
        super(message);
    }
}
