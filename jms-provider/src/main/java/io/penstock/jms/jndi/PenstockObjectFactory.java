package io.penstock.jms.jndi;

import io.penstock.jms.PenstockConnectionFactory;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;

/** Makes a connection factory of its reference. It makes nothing else, whatever a reference says. */
public final class PenstockObjectFactory implements ObjectFactory {

    @Override
    public Object getObjectInstance(Object object, Name name, Context context, Hashtable<?, ?> environment) {
        if (object instanceof Reference reference
                && reference.getClassName().equals(PenstockConnectionFactory.class.getName())) {
            RefAddr url = reference.get("url");
            if (url != null && url.getContent() instanceof String text) {
                return new PenstockConnectionFactory(text);
            }
        }
        return null;
    }
}
