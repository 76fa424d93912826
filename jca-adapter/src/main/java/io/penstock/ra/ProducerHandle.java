package io.penstock.ra;

import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import java.util.HashMap;
import java.util.Map;

/**
 * A producer of the session that does the work now, with its settings, whichever session that is. The session's thread.
 */
final class ProducerHandle implements QueueSender, TopicPublisher, SessionHandle.Part {
    /** Something that an application has set. */
    private interface Setting {
        void on(MessageProducer producer) throws JMSException;
    }

    private final SessionHandle session;
    private final Destination destination;
    private final Map<String, Setting> settings = new HashMap<>();
    private Session madeOn;
    private MessageProducer real;
    private volatile boolean closed;

    /** @param destination null for none of its own */
    ProducerHandle(SessionHandle session, Destination destination) {
        this.session = session;
        this.destination = destination;
    }

    MessageProducer real() throws JMSException {
        checkOpen();
        Session now = session.real();
        if (now != madeOn) {
            MessageProducer next = now.createProducer(destination);
            for (Setting setting : settings.values()) {
                setting.on(next);
            }
            real = next;
            madeOn = now;
        }
        return real;
    }

    private void checkOpen() throws IllegalStateException {
        session.checkOpen();
        if (closed) {
            throw new IllegalStateException("the producer is closed");
        }
    }

    // ---- sending

    @Override
    public void send(Message message) throws JMSException {
        real().send(message);
    }

    @Override
    public void send(Message message, int mode, int priority, long timeToLive) throws JMSException {
        real().send(message, mode, priority, timeToLive);
    }

    @Override
    public void send(Destination to, Message message) throws JMSException {
        real().send(AdministeredDestination.physical(to), message);
    }

    @Override
    public void send(Destination to, Message message, int mode, int priority, long timeToLive) throws JMSException {
        real().send(AdministeredDestination.physical(to), message, mode, priority, timeToLive);
    }

    @Override
    public void send(Queue queue, Message message) throws JMSException {
        send((Destination) queue, message);
    }

    @Override
    public void send(Queue queue, Message message, int mode, int priority, long timeToLive) throws JMSException {
        send((Destination) queue, message, mode, priority, timeToLive);
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int mode, int priority, long timeToLive) throws JMSException {
        send(message, mode, priority, timeToLive);
    }

    @Override
    public void publish(Topic topic, Message message) throws JMSException {
        send(topic, message);
    }

    @Override
    public void publish(Topic topic, Message message, int mode, int priority, long timeToLive) throws JMSException {
        send(topic, message, mode, priority, timeToLive);
    }

    // ---- callbacks come on threads that are not the container's

    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        throw asynchronous();
    }

    @Override
    public void send(Message message, int mode, int priority, long timeToLive, CompletionListener listener)
            throws JMSException {
        throw asynchronous();
    }

    @Override
    public void send(Destination to, Message message, CompletionListener listener) throws JMSException {
        throw asynchronous();
    }

    @Override
    public void send(
            Destination to, Message message, int mode, int priority, long timeToLive, CompletionListener listener)
            throws JMSException {
        throw asynchronous();
    }

    private IllegalStateException asynchronous() throws JMSException {
        checkOpen();
        return ContainerRules.refused("send with a CompletionListener");
    }

    // ---- settings

    private void set(String name, Setting setting) throws JMSException {
        setting.on(real());
        settings.put(name, setting);
    }

    @Override
    public void setDisableMessageID(boolean value) throws JMSException {
        set("DisableMessageID", producer -> producer.setDisableMessageID(value));
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        return real().getDisableMessageID();
    }

    @Override
    public void setDisableMessageTimestamp(boolean value) throws JMSException {
        set("DisableMessageTimestamp", producer -> producer.setDisableMessageTimestamp(value));
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        return real().getDisableMessageTimestamp();
    }

    @Override
    public void setDeliveryMode(int mode) throws JMSException {
        set("DeliveryMode", producer -> producer.setDeliveryMode(mode));
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        return real().getDeliveryMode();
    }

    @Override
    public void setPriority(int priority) throws JMSException {
        set("Priority", producer -> producer.setPriority(priority));
    }

    @Override
    public int getPriority() throws JMSException {
        return real().getPriority();
    }

    @Override
    public void setTimeToLive(long millis) throws JMSException {
        set("TimeToLive", producer -> producer.setTimeToLive(millis));
    }

    @Override
    public long getTimeToLive() throws JMSException {
        return real().getTimeToLive();
    }

    @Override
    public void setDeliveryDelay(long millis) throws JMSException {
        set("DeliveryDelay", producer -> producer.setDeliveryDelay(millis));
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        return real().getDeliveryDelay();
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

    /** There are no callbacks to wait for. */
    @Override
    public void close() {
        session.removed(this);
        closed = true;
    }

    @Override
    public void end() {
        closed = true;
    }
}
