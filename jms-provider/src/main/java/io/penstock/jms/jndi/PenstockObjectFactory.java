package io.penstock.jms.jndi;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.jms.PenstockXAConnectionFactory;
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
        RefAddr url = object instanceof Reference reference ? reference.get("url") : null;
        if (url != null && url.getContent() instanceof String text) {
            String className = ((Reference) object).getClassName();
            if (className.equals(PenstockConnectionFactory.class.getName())) {
                return new PenstockConnectionFactory(text);
            }
            if (className.equals(PenstockXAConnectionFactory.class.getName())) {
                return new PenstockXAConnectionFactory(text);
            }
        }
        return null;
    }
}
