package io.penstock.jms.jndi;

import io.penstock.jms.PenstockDestination;
import io.penstock.jms.PenstockQueue;
import io.penstock.jms.PenstockTopic;
import jakarta.jms.InvalidDestinationException;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;

/** Makes a queue or topic of its reference. It makes nothing else, whatever a reference says. */
public final class DestinationObjectFactory implements ObjectFactory {

    @Override
    public Object getObjectInstance(Object object, Name name, Context context, Hashtable<?, ?> environment)
            throws InvalidDestinationException {
        if (!(object instanceof Reference reference)) {
            return null;
        }
        RefAddr address = reference.get(PenstockDestination.NAME_ADDRESS);
        if (address == null || !(address.getContent() instanceof String text)) {
            return null;
        }
        if (reference.getClassName().equals(PenstockQueue.class.getName())) {
            return new PenstockQueue(text);
        }
        return reference.getClassName().equals(PenstockTopic.class.getName()) ? new PenstockTopic(text) : null;
    }
}
