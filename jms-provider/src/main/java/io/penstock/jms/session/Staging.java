package io.penstock.jms.session;

import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.client.Target;
import jakarta.jms.JMSException;

/** Where a session's sends wait for the end of its transaction. */
@FunctionalInterface
interface Staging {
    void stage(Target target, OutgoingMessage message) throws JMSException;
}
