package io.penstock.jms;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.TemporaryTopic;

/** A topic that ends with the connection that made it. */
public final class PenstockTemporaryTopic extends PenstockTemporaryDestination implements TemporaryTopic {
    private static final long serialVersionUID = 1L;

    /** Another connection's, by its name: to send to. */
    public PenstockTemporaryTopic(String name) throws InvalidDestinationException {
        this(name, null);
    }

    /** @param deletion how its connection ends it; null for another connection's */
    public PenstockTemporaryTopic(String name, Deletion deletion) throws InvalidDestinationException {
        super(name, deletion);
    }

    @Override
    public String getTopicName() {
        return name();
    }
}
