package io.penstock.ra;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.ResourceAllocationException;
import jakarta.resource.ResourceException;

/** What applications may not do in a web or EJB container (Messaging 3.1, the methods' javadoc; rule 31). Stateless. */
final class ContainerRules {

    private ContainerRules() {}

    static IllegalStateException refused(String method) {
        return new IllegalStateException(method
                + " may not be called in an application server's web or EJB container, which looks after this itself");
    }

    /** In the words of the other specification. */
    static JMSException translated(ResourceException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof JMSException jms) {
                return jms;
            }
        }
        JMSException translated;
        if (e instanceof jakarta.resource.spi.SecurityException) {
            translated = new JMSSecurityException(e.getMessage(), e.getErrorCode());
        } else if (e instanceof jakarta.resource.spi.ResourceAllocationException) {
            translated = new ResourceAllocationException(e.getMessage(), e.getErrorCode());
        } else {
            translated = new JMSException("the container gives no connection: " + e.getMessage(), e.getErrorCode());
        }
        translated.initCause(e);
        translated.setLinkedException(e);
        return translated;
    }

    /** The other way round. */
    static ResourceException translated(String what, JMSException e) {
        String text = what + ": " + e.getMessage();
        if (e instanceof JMSSecurityException) {
            return new jakarta.resource.spi.SecurityException(text, e);
        }
        if (e instanceof IllegalStateException) {
            return new jakarta.resource.spi.IllegalStateException(text, e);
        }
        return new jakarta.resource.spi.ResourceAllocationException(text, e);
    }
}
