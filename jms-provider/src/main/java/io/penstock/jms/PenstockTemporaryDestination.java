package io.penstock.jms;

import io.penstock.protocol.name.InvalidNameException;
import io.penstock.protocol.name.TemporaryName;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;

/** What temporary queues and topics have in common: the connection that made one ends it. */
abstract sealed class PenstockTemporaryDestination extends PenstockDestination
        permits PenstockTemporaryQueue, PenstockTemporaryTopic {
    private static final long serialVersionUID = 1L;

    private final transient Deletion deletion;

    /** @param deletion how its connection ends it; null for another connection's */
    PenstockTemporaryDestination(String name, Deletion deletion) throws InvalidDestinationException {
        super(parsed(name));
        this.deletion = deletion;
    }

    private static TemporaryName parsed(String name) throws InvalidDestinationException {
        try {
            return TemporaryName.parse(name);
        } catch (InvalidNameException e) {
            throw invalid(e);
        }
    }

    public void delete() throws JMSException {
        if (deletion == null) {
            throw new IllegalStateException(name() + " can only be deleted by the connection that made it");
        }
        deletion.delete(this);
    }
}
