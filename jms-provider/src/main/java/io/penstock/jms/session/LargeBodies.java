package io.penstock.jms.session;

import io.penstock.jms.message.PenstockMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the body of a large message before the application gets the message: once that is acknowledged, which may be soon,
 * the broker need not have the body any more. Stateless.
 */
final class LargeBodies {
    private static final Logger LOG = LoggerFactory.getLogger(LargeBodies.class);

    private LargeBodies() {}

    /** A failure is that of who reads the body: it is tried again then. */
    static void fetch(Message message) {
        if (!(message instanceof PenstockMessage own)) {
            return; // Another engine's.
        }
        try {
            own.fetchBody();
        } catch (JMSException e) {
            LOG.warn("The body of a message could not be had when the message was handed out", e);
        }
    }
}
