package io.penstock.ra;

import static io.penstock.jms.session.JmsExceptions.unchecked;

import io.penstock.jms.session.BodyReceiver;
import io.penstock.jms.session.ContextConsumer;
import io.penstock.jms.session.ContextProducer;
import io.penstock.jms.session.JmsExceptions;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;

/**
 * A connection and its one session, for applications that create a context and for containers that inject one (rule 29).
 * Used by one thread at a time, except {@link #close}.
 */
final class ContextHandle implements JMSContext {
    private final ConnectionHandle connection;
    private final Session session;
    private volatile boolean autoStart = true;

    ContextHandle(ConnectionHandle connection, Session session) {
        this.connection = connection;
        this.session = session;
    }

    // ---- lifecycle

    @Override
    public void close() {
        unchecked(connection::close);
    }

    @Override
    public void start() {
        unchecked(connection::start);
    }

    @Override
    public void setAutoStart(boolean value) {
        autoStart = value;
    }

    @Override
    public boolean getAutoStart() {
        return autoStart;
    }

    @Override
    public String getClientID() {
        return unchecked(connection::getClientID);
    }

    @Override
    public ConnectionMetaData getMetaData() {
        return unchecked(connection::getMetaData);
    }

    @Override
    public ExceptionListener getExceptionListener() {
        return unchecked(connection::getExceptionListener);
    }

    @Override
    public boolean getTransacted() {
        return unchecked(session::getTransacted);
    }

    @Override
    public int getSessionMode() {
        return unchecked(session::getAcknowledgeMode);
    }

    @Override
    public void commit() {
        unchecked(session::commit);
    }

    @Override
    public void rollback() {
        unchecked(session::rollback);
    }

    @Override
    public void recover() {
        unchecked(session::recover);
    }

    /** Nothing is left to acknowledge in the modes that there are. */
    @Override
    public void acknowledge() {
        getSessionMode();
    }

    // ---- what is the container's

    @Override
    public JMSContext createContext(int mode) {
        throw refused("JMSContext.createContext");
    }

    @Override
    public void setClientID(String clientId) {
        throw refused("JMSContext.setClientID");
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) {
        throw refused("JMSContext.setExceptionListener");
    }

    @Override
    public void stop() {
        throw refused("JMSContext.stop");
    }

    private RuntimeException refused(String method) {
        getSessionMode(); // A closed one says that it is closed.
        return unchecked(ContainerRules.refused(method));
    }

    // ---- producers and consumers

    @Override
    public JMSProducer createProducer() {
        return new ContextProducer(session, unchecked(() -> session.createProducer(null)));
    }

    private JMSConsumer consumer(JmsExceptions.Call<MessageConsumer> creation) {
        MessageConsumer consumer = unchecked(creation);
        if (autoStart) {
            start();
        }
        return new ContextConsumer((BodyReceiver) consumer);
    }

    @Override
    public JMSConsumer createConsumer(Destination destination) {
        return consumer(() -> session.createConsumer(destination));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, String selector) {
        return consumer(() -> session.createConsumer(destination, selector));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, String selector, boolean noLocal) {
        return consumer(() -> session.createConsumer(destination, selector, noLocal));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name) {
        return consumer(() -> session.createDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal) {
        return consumer(() -> session.createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name) {
        return consumer(() -> session.createSharedDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name, String selector) {
        return consumer(() -> session.createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name) {
        return consumer(() -> session.createSharedConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name, String selector) {
        return consumer(() -> session.createSharedConsumer(topic, name, selector));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) {
        return unchecked(() -> session.createBrowser(queue));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) {
        return unchecked(() -> session.createBrowser(queue, selector));
    }

    @Override
    public void unsubscribe(String name) {
        unchecked(() -> session.unsubscribe(name));
    }

    // ---- destinations and messages

    @Override
    public Queue createQueue(String name) {
        return unchecked(() -> session.createQueue(name));
    }

    @Override
    public Topic createTopic(String name) {
        return unchecked(() -> session.createTopic(name));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return unchecked(session::createTemporaryQueue);
    }

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return unchecked(session::createTemporaryTopic);
    }

    @Override
    public BytesMessage createBytesMessage() {
        return unchecked(session::createBytesMessage);
    }

    @Override
    public MapMessage createMapMessage() {
        return unchecked(session::createMapMessage);
    }

    @Override
    public Message createMessage() {
        return unchecked(session::createMessage);
    }

    @Override
    public ObjectMessage createObjectMessage() {
        return unchecked(() -> session.createObjectMessage());
    }

    @Override
    public ObjectMessage createObjectMessage(Serializable object) {
        return unchecked(() -> session.createObjectMessage(object));
    }

    @Override
    public StreamMessage createStreamMessage() {
        return unchecked(session::createStreamMessage);
    }

    @Override
    public TextMessage createTextMessage() {
        return unchecked(() -> session.createTextMessage());
    }

    @Override
    public TextMessage createTextMessage(String text) {
        return unchecked(() -> session.createTextMessage(text));
    }
}
