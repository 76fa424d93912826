package io.penstock.jms.client;

/** Messages that were pushed together. Read by one thread at a time, once, which pays for cutting them apart. */
public interface DeliveryBatch {

    /** How many messages are left. */
    int remaining();

    /** What it counts against the byte credit. */
    int sizeBytes();

    /** The next one, or null after the last. */
    Delivery next();
}
