package io.penstock.jms.session;

import io.penstock.jms.client.Target;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;

/**
 * Looks through a queue and removes nothing (rule 18). Each enumeration is a look of its own, from the queue's beginning to
 * its end at the time when it was asked for. The session's thread, except {@link #close}.
 */
final class PenstockBrowser implements QueueBrowser {
    /** Looks that an application began and did not end; the oldest ends beyond it. */
    private static final int ENUMERATIONS_MAX = 16;

    private final PenstockSession session;
    private final Queue queue;
    private final Target target;
    private final String selector;
    private final List<BrowserEnumeration> enumerations = new ArrayList<>();
    private boolean closed;

    PenstockBrowser(PenstockSession session, Queue queue, Target target, String selector) {
        this.session = session;
        this.queue = queue;
        this.target = target;
        this.selector = selector;
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return queue;
    }

    @Override
    public String getMessageSelector() throws JMSException {
        checkOpen();
        return selector;
    }

    @Override
    public Enumeration<Message> getEnumeration() throws JMSException {
        checkOpen();
        BrowserEnumeration enumeration = session.browse(queue, target, selector);
        BrowserEnumeration oldest = null;
        synchronized (enumerations) {
            enumerations.removeIf(BrowserEnumeration::isOver);
            enumerations.add(enumeration);
            if (enumerations.size() > ENUMERATIONS_MAX) {
                oldest = enumerations.remove(0);
            }
        }
        if (oldest != null) {
            oldest.end();
        }
        return enumeration;
    }

    @Override
    public void close() throws JMSException {
        List<BrowserEnumeration> open;
        synchronized (enumerations) {
            closed = true;
            open = new ArrayList<>(enumerations);
            enumerations.clear();
        }
        open.forEach(BrowserEnumeration::end);
    }

    private void checkOpen() throws JMSException {
        session.checkOpen();
        synchronized (enumerations) {
            if (closed) {
                throw new IllegalStateException("the browser is closed");
            }
        }
    }
}
