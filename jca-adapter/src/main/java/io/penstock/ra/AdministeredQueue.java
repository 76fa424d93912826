package io.penstock.ra;

import io.penstock.jms.PenstockDestination;
import io.penstock.jms.PenstockQueue;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.Queue;
import jakarta.resource.spi.AdministeredObject;

/** A queue as an administered object. */
@AdministeredObject(adminObjectInterfaces = Queue.class)
public class AdministeredQueue extends AdministeredDestination implements Queue {
    private static final long serialVersionUID = 1L;

    @Override
    public String getQueueName() {
        return getPhysicalName();
    }

    @Override
    PenstockDestination physical() throws InvalidDestinationException {
        return new PenstockQueue(needName());
    }
}
