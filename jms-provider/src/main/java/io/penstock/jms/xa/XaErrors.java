package io.penstock.jms.xa;

import jakarta.jms.JMSException;
import javax.transaction.xa.XAException;

/** XA's codes with texts that say what happened. */
final class XaErrors {
    private XaErrors() {}

    static XAException of(int code, String message) {
        return of(code, message, null);
    }

    static XAException of(int code, String message, Throwable cause) {
        XAException exception = new XAException(message);
        exception.errorCode = code;
        if (cause != null) {
            exception.initCause(cause);
        }
        return exception;
    }

    /** Whether it happened is not known, or the broker cannot be asked: to be tried again, by another connection too. */
    static XAException unavailable(String what, JMSException cause) {
        return of(XAException.XAER_RMFAIL, what + ": " + cause.getMessage(), cause);
    }
}
