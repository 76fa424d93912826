package io.penstock.jms.session;

import io.penstock.jms.client.Target;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;

/** A producer of any domain, with a destination of its own or without. The session's thread. */
final class PenstockProducer implements QueueSender, TopicPublisher {
    private final PenstockSession session;
    private final Destination destination;
    private Target target;
    private int deliveryMode = Message.DEFAULT_DELIVERY_MODE;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLiveMillis = Message.DEFAULT_TIME_TO_LIVE;
    private long deliveryDelayMillis = Message.DEFAULT_DELIVERY_DELAY;
    private boolean withoutId;
    private boolean withoutTimestamp;
    private boolean closed;
    private MessageSender.Manner manner = MessageSender.Manner.DEFAULT;

    PenstockProducer(PenstockSession session, Destination destination) {
        this.session = session;
        this.destination = destination;
    }

    // ---- sending

    @Override
    public void send(Message message) throws JMSException {
        sendOwn(message, manner, null);
    }

    @Override
    public void send(Message message, int mode, int priorityOfThis, long timeToLive) throws JMSException {
        sendOwn(message, manner(mode, priorityOfThis, timeToLive), null);
    }

    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        sendOwn(message, manner, needed(listener));
    }

    @Override
    public void send(Message message, int mode, int priorityOfThis, long timeToLive, CompletionListener listener)
            throws JMSException {
        sendOwn(message, manner(mode, priorityOfThis, timeToLive), needed(listener));
    }

    @Override
    public void send(Destination to, Message message) throws JMSException {
        sendTo(to, message, manner, null);
    }

    @Override
    public void send(Destination to, Message message, int mode, int priorityOfThis, long timeToLive)
            throws JMSException {
        sendTo(to, message, manner(mode, priorityOfThis, timeToLive), null);
    }

    @Override
    public void send(Destination to, Message message, CompletionListener listener) throws JMSException {
        sendTo(to, message, manner, needed(listener));
    }

    @Override
    public void send(
            Destination to, Message message, int mode, int priorityOfThis, long timeToLive, CompletionListener listener)
            throws JMSException {
        sendTo(to, message, manner(mode, priorityOfThis, timeToLive), needed(listener));
    }

    @Override
    public void send(Queue queue, Message message) throws JMSException {
        sendTo(queue, message, manner, null);
    }

    @Override
    public void send(Queue queue, Message message, int mode, int priorityOfThis, long timeToLive) throws JMSException {
        sendTo(queue, message, manner(mode, priorityOfThis, timeToLive), null);
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int mode, int priorityOfThis, long timeToLive) throws JMSException {
        send(message, mode, priorityOfThis, timeToLive);
    }

    @Override
    public void publish(Topic topic, Message message) throws JMSException {
        sendTo(topic, message, manner, null);
    }

    @Override
    public void publish(Topic topic, Message message, int mode, int priorityOfThis, long timeToLive)
            throws JMSException {
        sendTo(topic, message, manner(mode, priorityOfThis, timeToLive), null);
    }

    private void sendOwn(Message message, MessageSender.Manner how, CompletionListener listener) throws JMSException {
        checkOpen();
        if (destination == null) {
            throw new UnsupportedOperationException("this producer has no destination; name one with each message");
        }
        if (target == null || !target.isValid()) {
            target = session.resolve(destination);
        }
        session.sender().send(target, destination, message, how, listener);
    }

    private void sendTo(Destination to, Message message, MessageSender.Manner how, CompletionListener listener)
            throws JMSException {
        checkOpen();
        if (destination != null) {
            throw new UnsupportedOperationException("this producer sends to " + destination + " and nowhere else");
        }
        if (to == null) {
            throw new InvalidDestinationException("there is no destination to send to");
        }
        session.sender().send(session.resolve(to), to, message, how, listener);
    }

    private static CompletionListener needed(CompletionListener listener) {
        if (listener == null) {
            throw new IllegalArgumentException("there is no CompletionListener; send without one to wait");
        }
        return listener;
    }

    private MessageSender.Manner manner(int mode, int priorityOfThis, long timeToLive) throws JMSException {
        return new MessageSender.Manner(
                checkMode(mode),
                checkPriority(priorityOfThis),
                checkTimeToLive(timeToLive),
                deliveryDelayMillis,
                withoutId,
                withoutTimestamp);
    }

    private void changed() throws JMSException {
        manner = manner(deliveryMode, priority, timeToLiveMillis);
    }

    private static int checkMode(int mode) throws JMSException {
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException("there is no delivery mode " + mode);
        }
        return mode;
    }

    private static int checkPriority(int priority) throws JMSException {
        if (priority < 0 || priority > 9) {
            throw new JMSException("priority is 0 to 9, not " + priority);
        }
        return priority;
    }

    private static long checkTimeToLive(long timeToLiveMillis) throws JMSException {
        if (timeToLiveMillis < 0) {
            throw new JMSException("time to live is 0 (for ever) or positive, not " + timeToLiveMillis);
        }
        return timeToLiveMillis;
    }

    private static long checkDeliveryDelay(long millis) throws JMSException {
        if (millis < 0) {
            throw new JMSException("delivery delay is 0 (none) or positive, not " + millis);
        }
        return millis;
    }

    // ---- settings

    @Override
    public void setDisableMessageID(boolean value) throws JMSException {
        checkOpen();
        withoutId = value;
        changed();
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        checkOpen();
        return withoutId;
    }

    @Override
    public void setDisableMessageTimestamp(boolean value) throws JMSException {
        checkOpen();
        withoutTimestamp = value;
        changed();
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        checkOpen();
        return withoutTimestamp;
    }

    @Override
    public void setDeliveryMode(int mode) throws JMSException {
        checkOpen();
        deliveryMode = checkMode(mode);
        changed();
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        checkOpen();
        return deliveryMode;
    }

    @Override
    public void setPriority(int newPriority) throws JMSException {
        checkOpen();
        priority = checkPriority(newPriority);
        changed();
    }

    @Override
    public int getPriority() throws JMSException {
        checkOpen();
        return priority;
    }

    @Override
    public void setTimeToLive(long millis) throws JMSException {
        checkOpen();
        timeToLiveMillis = checkTimeToLive(millis);
        changed();
    }

    @Override
    public long getTimeToLive() throws JMSException {
        checkOpen();
        return timeToLiveMillis;
    }

    @Override
    public void setDeliveryDelay(long millis) throws JMSException {
        checkOpen();
        deliveryDelayMillis = checkDeliveryDelay(millis);
        changed();
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        checkOpen();
        return deliveryDelayMillis;
    }

    @Override
    public Destination getDestination() throws JMSException {
        checkOpen();
        return destination;
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

    /** Waits for the sends that have a listener (rule 21). */
    @Override
    public void close() throws JMSException {
        if (!closed) {
            session.completions().refuseInsideCallback("MessageProducer.close");
            closed = true;
            session.completions().awaitAll();
        }
    }

    private void checkOpen() throws IllegalStateException {
        session.checkOpen();
        if (closed) {
            throw new IllegalStateException("the producer is closed");
        }
    }
}
