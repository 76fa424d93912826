package io.penstock.jms;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.Topic;

/** A topic by its name. */
public final class PenstockTopic extends PenstockDestination implements Topic {
    private static final long serialVersionUID = 1L;

    /**
     * @param text {@code NAME} or {@code NAME?partitions=N}
     * @throws InvalidDestinationException for a name that cannot be; its text says why
     */
    public PenstockTopic(String text) throws InvalidDestinationException {
        super(text);
    }

    @Override
    public String getTopicName() {
        return name();
    }
}
