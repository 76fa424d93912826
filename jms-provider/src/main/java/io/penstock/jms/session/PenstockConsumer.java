package io.penstock.jms.session;

import io.penstock.jms.client.OffsetsByPartition;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;

/** A consumer of any domain. The session's thread, except {@link #close}. */
final class PenstockConsumer implements QueueReceiver, TopicSubscriber, BodyReceiver {
    private final PenstockSession session;
    private final ConsumerCore core;
    private final Destination destination;
    private final String selector;
    private final boolean noLocal;

    PenstockConsumer(
            PenstockSession session, ConsumerCore core, Destination destination, String selector, boolean noLocal) {
        this.session = session;
        this.core = core;
        this.destination = destination;
        this.selector = selector;
        this.noLocal = noLocal;
    }

    @Override
    public Message receive() throws JMSException {
        return receiveWithin(-1);
    }

    /** @param timeoutMillis 0: for ever */
    @Override
    public Message receive(long timeoutMillis) throws JMSException {
        if (timeoutMillis < 0) {
            throw new JMSException("a time-out is 0 (for ever) or positive, not " + timeoutMillis);
        }
        return receiveWithin(timeoutMillis == 0 ? -1 : SessionCore.nanos(timeoutMillis));
    }

    private Message receiveWithin(long nanos) throws JMSException {
        checkSynchronous();
        return session.core().receive(core, nanos);
    }

    @Override
    public Message receiveNoWait() throws JMSException {
        checkSynchronous();
        HandedOut next = next(0);
        if (next == null) {
            return null;
        }
        return session.core().handedOut(next);
    }

    /** Nothing here does not mean that there is nothing: the broker is asked before null is returned. */
    private HandedOut next(long nanos) throws JMSException {
        HandedOut next = session.core().receiveUncounted(core, nanos);
        if (next == null && nanos == 0 && session.connection().isStarted() && !isClosed()) {
            Waiting.until(
                    core.client().drain(), session.connection().client(), "asking for messages of " + destination);
            next = session.core().receiveUncounted(core, 0);
        }
        return next;
    }

    @Override
    public <T> T receiveBody(Class<T> type, long timeoutNanos) throws JMSException {
        checkSynchronous();
        HandedOut next = next(timeoutNanos);
        if (next == null) {
            return null;
        }
        try {
            T body = next.opened.getBody(type);
            if (body == null) {
                throw new MessageFormatException("the message has no body");
            }
            session.core().handedOut(next);
            return body;
        } catch (JMSException | RuntimeException e) { // Whatever the body is like, the message must not be lost.
            if (session.core().books().keepsUnacknowledged()) {
                session.core().handedOut(next);
            } else {
                session.core().untake(next);
            }
            throw e;
        }
    }

    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return core.listener;
    }

    @Override
    public void setMessageListener(MessageListener listener) throws JMSException {
        checkOpen();
        session.core().listen(core, listener);
    }

    @Override
    public String getMessageSelector() throws JMSException {
        checkOpen();
        return selector;
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return (Queue) destination;
    }

    @Override
    public Topic getTopic() throws JMSException {
        checkOpen();
        return (Topic) destination;
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        checkOpen();
        return noLocal;
    }

    /** Waits for a running listener, unless it is the caller (rule 22). */
    @Override
    public void close() throws JMSException {
        OffsetsByPartition neverHandedOut = session.core().close(core);
        if (neverHandedOut != null && session.connection().isAlive()) {
            Waiting.unlessInterrupted(
                    core.client().detach(neverHandedOut),
                    session.connection().client(),
                    "closing a consumer of " + destination);
            core.detached();
        }
    }

    private void checkSynchronous() throws JMSException {
        checkOpen();
        session.core().checkNoListener();
    }

    private boolean isClosed() {
        return session.core().isClosed(core);
    }

    private void checkOpen() throws IllegalStateException {
        session.checkOpen();
        if (isClosed()) {
            throw new IllegalStateException("the consumer is closed");
        }
    }
}
