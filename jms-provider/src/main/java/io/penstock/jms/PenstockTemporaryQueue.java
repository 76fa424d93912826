package io.penstock.jms;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.TemporaryQueue;

/** A queue that ends with the connection that made it. */
public final class PenstockTemporaryQueue extends PenstockTemporaryDestination implements TemporaryQueue {
    private static final long serialVersionUID = 1L;

    /** Another connection's, by its name: to send to. */
    public PenstockTemporaryQueue(String name) throws InvalidDestinationException {
        this(name, null);
    }

    /** @param deletion how its connection ends it; null for another connection's */
    public PenstockTemporaryQueue(String name, Deletion deletion) throws InvalidDestinationException {
        super(name, deletion);
    }

    @Override
    public String getQueueName() {
        return name();
    }
}
