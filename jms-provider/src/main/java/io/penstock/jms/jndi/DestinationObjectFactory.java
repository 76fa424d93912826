package io.penstock.jms.jndi;

import io.penstock.jms.PenstockDestination;
import io.penstock.jms.PenstockQueue;
import io.penstock.jms.PenstockTopic;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;

/** Makes queues and topics of the references that they gave to a directory. Any thread. */
public final class DestinationObjectFactory implements ObjectFactory {

    /** @return null for a reference that is not ours, as the contract of factories wants it */
    @Override
    public Object getObjectInstance(Object object, Name name, Context context, Hashtable<?, ?> environment)
            throws Exception {
        if (!(object instanceof Reference reference)) {
            return null;
        }
        RefAddr address = reference.get(PenstockDestination.NAME_ADDRESS);
        if (address == null) {
            return null;
        }
        String text = (String) address.getContent();
        if (reference.getClassName().equals(PenstockQueue.class.getName())) {
            return new PenstockQueue(text);
        }
        return reference.getClassName().equals(PenstockTopic.class.getName()) ? new PenstockTopic(text) : null;
    }
}
