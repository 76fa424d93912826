package io.penstock.jms.client;

import jakarta.jms.JMSException;

/** What {@code Message.acknowledge()} does. */
public interface Acknowledger {
    void acknowledge() throws JMSException;
}
