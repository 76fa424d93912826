package io.penstock.jms.client;

import jakarta.jms.JMSException;

/** Takes what is pushed to a consumer. On the engine's thread; must not block. */
public interface DeliverySink {
    void delivered(DeliveryBatch batch);

    /** The consumer is gone: its destination was deleted, say. */
    void failed(JMSException cause);
}
