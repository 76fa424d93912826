package io.penstock.ra;

import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.util.Enumeration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A browser that ends with the application's session, though the session behind that one goes on. */
final class BrowserHandle implements QueueBrowser, SessionHandle.Part {
    private static final Logger LOG = LoggerFactory.getLogger(BrowserHandle.class);

    private final SessionHandle session;
    private final QueueBrowser real;

    BrowserHandle(SessionHandle session, QueueBrowser real) {
        this.session = session;
        this.real = real;
    }

    @Override
    public Queue getQueue() throws JMSException {
        return real.getQueue();
    }

    @Override
    public String getMessageSelector() throws JMSException {
        return real.getMessageSelector();
    }

    @Override
    public Enumeration<?> getEnumeration() throws JMSException {
        return real.getEnumeration();
    }

    @Override
    public void close() throws JMSException {
        session.removed(this);
        real.close();
    }

    @Override
    public void end() {
        try {
            real.close();
        } catch (JMSException e) {
            LOG.debug("closing a browser", e);
        }
    }
}
