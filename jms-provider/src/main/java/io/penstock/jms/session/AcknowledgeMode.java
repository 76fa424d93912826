package io.penstock.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.Session;

/** Messaging 3.1 §6.2.10, and transacted. */
enum AcknowledgeMode {
    AUTO(Session.AUTO_ACKNOWLEDGE),
    DUPS_OK(Session.DUPS_OK_ACKNOWLEDGE),
    CLIENT(Session.CLIENT_ACKNOWLEDGE),
    TRANSACTED(Session.SESSION_TRANSACTED);

    final int code;

    AcknowledgeMode(int code) {
        this.code = code;
    }

    /** True where the application or a transaction decides what is settled. */
    boolean keepsUnacknowledged() {
        return this == CLIENT || this == TRANSACTED;
    }

    static AcknowledgeMode of(int code) throws JMSException {
        for (AcknowledgeMode mode : values()) {
            if (mode.code == code) {
                return mode;
            }
        }
        throw new JMSException("there is no session mode " + code
                + "; use Session.AUTO_ACKNOWLEDGE, CLIENT_ACKNOWLEDGE, DUPS_OK_ACKNOWLEDGE or SESSION_TRANSACTED");
    }
}
