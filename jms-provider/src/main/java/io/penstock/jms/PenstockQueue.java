package io.penstock.jms;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.Queue;

/** A queue by its name. */
public final class PenstockQueue extends PenstockDestination implements Queue {
    private static final long serialVersionUID = 1L;

    /**
     * @param text {@code NAME} or {@code NAME?partitions=N}
     * @throws InvalidDestinationException for a name that cannot be; its text says why
     */
    public PenstockQueue(String text) throws InvalidDestinationException {
        super(text);
    }

    @Override
    public String getQueueName() {
        return name();
    }
}
