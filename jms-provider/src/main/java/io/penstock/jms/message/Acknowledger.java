package io.penstock.jms.message;

import jakarta.jms.JMSException;

/** What {@code Message.acknowledge()} does; the session that delivered the message knows. */
@FunctionalInterface
public interface Acknowledger {
    void acknowledge() throws JMSException;
}
