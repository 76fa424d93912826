package io.penstock.ra;

import io.penstock.jms.session.Domain;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import jakarta.jms.TransactionInProgressException;
import java.io.Serializable;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What an application has of the sessions of a managed connection: in a transaction of the container the one that takes
 * part in it, else one of the mode that was asked for. What is made of it moves over when that changes.
 *
 * <p>Used by one thread at a time, except {@link #close}.
 */
final class SessionHandle implements QueueSession, TopicSession {

    /** Something that ends with the session. */
    interface Part {
        /** Closes it without a word to the session. */
        void end();
    }

    private final ConnectionHandle connection;
    private final Domain domain;
    private final int outsideMode;
    private final Set<Part> parts = new LinkedHashSet<>();
    private boolean closed;

    /** @param outsideMode AUTO or DUPS_OK, for when there is no transaction */
    SessionHandle(ConnectionHandle connection, Domain domain, int outsideMode) {
        this.connection = connection;
        this.domain = domain;
        this.outsideMode = outsideMode;
    }

    int outsideMode() {
        return outsideMode;
    }

    /** The session that does the work now. */
    Session real() throws JMSException {
        checkOpen();
        return connection.managed().session(outsideMode);
    }

    synchronized void checkOpen() throws IllegalStateException {
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
    }

    private synchronized <T extends Part> T add(T part) {
        parts.add(part);
        return part;
    }

    synchronized void removed(Part part) {
        parts.remove(part);
    }

    // ---- state

    private boolean inTransaction() throws JMSException {
        checkOpen();
        return connection.managed().isEnlisted();
    }

    @Override
    public boolean getTransacted() throws JMSException {
        return inTransaction();
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        return inTransaction() ? SESSION_TRANSACTED : outsideMode;
    }

    @Override
    public void commit() throws JMSException {
        throw notMine("commit");
    }

    @Override
    public void rollback() throws JMSException {
        throw notMine("rollback");
    }

    /** Rule 30. */
    private JMSException notMine(String method) throws JMSException {
        return inTransaction()
                ? new TransactionInProgressException(
                        "Session." + method + ": the session is in a transaction of the container, which ends it")
                : new IllegalStateException("Session." + method + " needs a transacted session, and an application "
                        + "server's transactions are begun and ended by JTA");
    }

    @Override
    public void recover() throws JMSException {
        if (inTransaction()) {
            throw new IllegalStateException("Session.recover is not for sessions in a transaction");
        }
        real().recover();
    }

    @Override
    public void close() throws JMSException {
        end();
        connection.removed(this);
    }

    void end() {
        List<Part> open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = List.copyOf(parts);
            parts.clear();
        }
        open.forEach(Part::end);
    }

    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        throw ContainerRules.refused("Session.getMessageListener");
    }

    @Override
    public void setMessageListener(MessageListener listener) throws JMSException {
        checkOpen();
        throw ContainerRules.refused("Session.setMessageListener");
    }

    @Override
    public void run() {
        throw new java.lang.IllegalStateException(ContainerRules.refused("Session.run"));
    }

    // ---- producers

    @Override
    public MessageProducer createProducer(Destination destination) throws JMSException {
        return producer(destination);
    }

    @Override
    public QueueSender createSender(Queue queue) throws JMSException {
        domain.needsQueues("createSender");
        return producer(queue);
    }

    @Override
    public TopicPublisher createPublisher(Topic topic) throws JMSException {
        domain.needsTopics("createPublisher");
        return producer(topic);
    }

    private ProducerHandle producer(Destination destination) throws JMSException {
        ProducerHandle made = new ProducerHandle(this, AdministeredDestination.physical(destination));
        made.real();
        return add(made);
    }

    // ---- consumers

    private ConsumerHandle consumer(Destination destination, boolean noLocal, ConsumerHandle.Creation creation)
            throws JMSException {
        ConsumerHandle made = new ConsumerHandle(this, destination, noLocal, creation);
        made.real();
        return add(made);
    }

    private ConsumerHandle plain(Destination destination, String selector, boolean noLocal) throws JMSException {
        Destination physical = AdministeredDestination.physical(destination);
        return consumer(physical, noLocal, real -> real.createConsumer(physical, selector, noLocal));
    }

    @Override
    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return plain(destination, null, false);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, String selector) throws JMSException {
        return plain(destination, selector, false);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, String selector, boolean noLocal)
            throws JMSException {
        return plain(destination, selector, noLocal);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return createReceiver(queue, null);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, String selector) throws JMSException {
        domain.needsQueues("createReceiver");
        return plain(queue, selector, false);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic) throws JMSException {
        return createSubscriber(topic, null, false);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic, String selector, boolean noLocal) throws JMSException {
        domain.needsTopics("createSubscriber");
        return plain(topic, selector, noLocal);
    }

    /** A subscription: the topic as the client knows it. */
    private interface Subscribing {
        MessageConsumer on(Session real, Topic physical) throws JMSException;
    }

    private ConsumerHandle subscriber(String method, Topic topic, boolean noLocal, Subscribing subscribing)
            throws JMSException {
        domain.needsTopics(method);
        Topic physical = (Topic) AdministeredDestination.physical(topic);
        return consumer(physical, noLocal, real -> subscribing.on(real, physical));
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        return createDurableSubscriber(topic, name, null, false);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        return subscriber(
                "createDurableSubscriber",
                topic,
                noLocal,
                (real, physical) -> real.createDurableSubscriber(physical, name, selector, noLocal));
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        return createDurableConsumer(topic, name, null, false);
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        return subscriber(
                "createDurableConsumer",
                topic,
                noLocal,
                (real, physical) -> real.createDurableConsumer(physical, name, selector, noLocal));
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name) throws JMSException {
        return createSharedConsumer(topic, name, null);
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name, String selector) throws JMSException {
        return subscriber(
                "createSharedConsumer",
                topic,
                false,
                (real, physical) -> real.createSharedConsumer(physical, name, selector));
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        return createSharedDurableConsumer(topic, name, null);
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name, String selector) throws JMSException {
        return subscriber(
                "createSharedDurableConsumer",
                topic,
                false,
                (real, physical) -> real.createSharedDurableConsumer(physical, name, selector));
    }

    @Override
    public void unsubscribe(String name) throws JMSException {
        domain.needsTopics("unsubscribe");
        real().unsubscribe(name);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) throws JMSException {
        domain.needsQueues("createBrowser");
        Queue physical = (Queue) AdministeredDestination.physical(queue);
        return add(new BrowserHandle(this, real().createBrowser(physical, selector)));
    }

    // ---- destinations and messages

    @Override
    public Queue createQueue(String name) throws JMSException {
        domain.needsQueues("createQueue");
        return real().createQueue(name);
    }

    @Override
    public Topic createTopic(String name) throws JMSException {
        domain.needsTopics("createTopic");
        return real().createTopic(name);
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        domain.needsQueues("createTemporaryQueue");
        return connection.keep(real().createTemporaryQueue());
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        domain.needsTopics("createTemporaryTopic");
        return connection.keep(real().createTemporaryTopic());
    }

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        return real().createBytesMessage();
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        return real().createMapMessage();
    }

    @Override
    public Message createMessage() throws JMSException {
        return real().createMessage();
    }

    @Override
    public ObjectMessage createObjectMessage() throws JMSException {
        return real().createObjectMessage();
    }

    @Override
    public ObjectMessage createObjectMessage(Serializable object) throws JMSException {
        return real().createObjectMessage(object);
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        return real().createStreamMessage();
    }

    @Override
    public TextMessage createTextMessage() throws JMSException {
        return real().createTextMessage();
    }

    @Override
    public TextMessage createTextMessage(String text) throws JMSException {
        return real().createTextMessage(text);
    }
}
