package io.penstock.jms.client;

import jakarta.jms.JMSException;

/** Told of what nobody waits for. On the engine's thread; must not block. */
public interface ConnectionObserver {
    /** Once: the connection is gone for good, and was not closed by its owner. */
    void failed(JMSException cause);

    /** Something went wrong that no call is waiting for; the connection goes on. */
    void problem(JMSException problem);
}
