package io.penstock.ra;

import io.penstock.jms.session.BodyReceiver;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer of the session that does the work now: made anew on the other one when a transaction begins or ends between
 * two calls. The session's thread, except {@link #close}.
 */
final class ConsumerHandle implements QueueReceiver, TopicSubscriber, BodyReceiver, SessionHandle.Part {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerHandle.class);

    /** How it is made on a session. */
    interface Creation {
        MessageConsumer on(Session session) throws JMSException;
    }

    private final SessionHandle session;
    private final Destination destination;
    private final boolean noLocal;
    private final Creation creation;
    private Session madeOn;
    private BodyReceiver real;
    private volatile boolean closed;

    ConsumerHandle(SessionHandle session, Destination destination, boolean noLocal, Creation creation) {
        this.session = session;
        this.destination = destination;
        this.noLocal = noLocal;
        this.creation = creation;
    }

    BodyReceiver real() throws JMSException {
        checkOpen();
        Session now = session.real();
        if (now != madeOn) {
            if (real != null) {
                real.close();
            }
            real = (BodyReceiver) creation.on(now);
            madeOn = now;
        }
        return real;
    }

    private void checkOpen() throws IllegalStateException {
        session.checkOpen();
        if (closed) {
            throw new IllegalStateException("the consumer is closed");
        }
    }

    @Override
    public Message receive() throws JMSException {
        return real().receive();
    }

    @Override
    public Message receive(long timeoutMillis) throws JMSException {
        return real().receive(timeoutMillis);
    }

    @Override
    public Message receiveNoWait() throws JMSException {
        return real().receiveNoWait();
    }

    @Override
    public <T> T receiveBody(Class<T> type, long timeoutNanos) throws JMSException {
        return real().receiveBody(type, timeoutNanos);
    }

    @Override
    public String getMessageSelector() throws JMSException {
        return real().getMessageSelector();
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

    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        throw ContainerRules.refused("MessageConsumer.getMessageListener");
    }

    @Override
    public void setMessageListener(MessageListener listener) throws JMSException {
        checkOpen();
        throw ContainerRules.refused("MessageConsumer.setMessageListener");
    }

    @Override
    public void close() throws JMSException {
        session.removed(this);
        closed = true;
        if (real != null) {
            real.close();
        }
    }

    @Override
    public void end() {
        try {
            closed = true;
            real.close();
        } catch (JMSException e) {
            LOG.debug("closing a consumer of {}", destination, e);
        }
    }
}
