package io.penstock.broker.request.login;

/** Somebody is not let in. The text says no more than a stranger may know. */
final class LoginFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    LoginFailedException(String message) {
        super(message, null, false, false);
    }
}
