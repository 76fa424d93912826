package io.penstock.ra;

import io.penstock.jms.PenstockDestination;
import io.penstock.jms.PenstockTopic;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.Topic;
import jakarta.resource.spi.AdministeredObject;

/** A topic as an administered object. */
@AdministeredObject(adminObjectInterfaces = Topic.class)
public class AdministeredTopic extends AdministeredDestination implements Topic {
    private static final long serialVersionUID = 1L;

    @Override
    public String getTopicName() {
        return getPhysicalName();
    }

    @Override
    PenstockDestination physical() throws InvalidDestinationException {
        return new PenstockTopic(needName());
    }
}
