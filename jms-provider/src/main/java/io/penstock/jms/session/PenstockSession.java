package io.penstock.jms.session;

import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Confirmation;
import io.penstock.jms.client.ConsumerRequest;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.DestinationKind;
import io.penstock.jms.client.OffsetsByPartition;
import io.penstock.jms.client.Subscription;
import io.penstock.jms.client.Target;
import io.penstock.jms.message.PenstockBytesMessage;
import io.penstock.jms.message.PenstockMapMessage;
import io.penstock.jms.message.PenstockMessage;
import io.penstock.jms.message.PenstockObjectMessage;
import io.penstock.jms.message.PenstockStreamMessage;
import io.penstock.jms.message.PenstockTextMessage;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
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
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A session of any domain. Used by one thread at a time, except {@link #close}; its listeners run on a worker.
 */
class PenstockSession implements QueueSession, TopicSession {
    private static final String ENDED_MEANWHILE = "UNKNOWN_SUBSCRIPTION";
    private static final int SUBSCRIBE_ATTEMPTS = 5;

    private final PenstockConnection connection;
    private final ClientSession client;
    private final AcknowledgeMode mode;
    private final Domain domain;
    private final SessionCore core;
    private final CompletionQueue completions = new CompletionQueue();
    private final MessageSender sender;
    private final Map<String, Target> targets = new HashMap<>();
    private final ConcurrentLinkedQueue<ConsumerCore> loads = new ConcurrentLinkedQueue<>();
    private volatile MessageListener listener;
    private volatile boolean closed;

    PenstockSession(PenstockConnection connection, ClientConnection opener, AcknowledgeMode mode, Domain domain) {
        this.connection = connection;
        this.mode = mode;
        this.domain = domain;
        this.core = new SessionCore(connection, mode);
        this.client = opener.openSession(core);
        core.opened(client);
        this.sender = new MessageSender(connection, client, completions, staging(client));
    }

    /** Asked once, while this is made: where sends wait for a transaction's end, null while they do not. */
    Supplier<Staging> staging(ClientSession opened) {
        Staging transaction = mode == AcknowledgeMode.TRANSACTED ? opened::stage : null;
        return () -> transaction;
    }

    SessionCore core() {
        return core;
    }

    CompletionQueue completions() {
        return completions;
    }

    MessageSender sender() {
        return sender;
    }

    PenstockConnection connection() {
        return connection;
    }

    AcknowledgeMode mode() {
        return mode;
    }

    void checkOpen() throws IllegalStateException {
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
    }

    // ---- state

    @Override
    public boolean getTransacted() throws JMSException {
        checkOpen();
        return mode == AcknowledgeMode.TRANSACTED;
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        SessionBehind.answer(this);
        return mode.code;
    }

    @Override
    public void commit() throws JMSException {
        checkTransaction("commit");
        completions.awaitAll();
        if (core.books().takeLoss() > 0) {
            rollback();
            throw new jakarta.jms.TransactionRolledBackException(
                    "the transaction was rolled back: messages that it had received were taken away from it while the "
                            + "connection was interrupted",
                    "ACQUISITION_LOST");
        }
        List<HandedOut> received = core.books().unacknowledged();
        var committed = client.commit(core.books().settlementsWith(received));
        try {
            Waiting.until(committed, connection.client(), "committing");
            core.books().forget(received);
        } catch (jakarta.jms.TransactionRolledBackException e) {
            core.takeBack();
            throw e;
        } catch (JMSException e) {
            // Unknown, and all or nothing: the broker knows, and gives back what it has not settled.
            core.books().abandon(core.books().own(), received);
            throw e;
        }
    }

    @Override
    public void rollback() throws JMSException {
        checkTransaction("rollback");
        completions.awaitAll();
        client.discardStaged();
        core.takeBack();
    }

    private void checkTransaction(String method) throws JMSException {
        checkOpen();
        if (mode != AcknowledgeMode.TRANSACTED) {
            throw new IllegalStateException(method + " needs a transacted session");
        }
        completions.refuseInsideCallback("Session." + method);
    }

    @Override
    public void recover() throws JMSException {
        checkOpen();
        if (mode == AcknowledgeMode.TRANSACTED) {
            throw new IllegalStateException("recover is not for transacted sessions; use rollback");
        }
        core.takeBack();
    }

    @Override
    public void close() throws JMSException {
        if (closed) {
            return;
        }
        if (core.insideListener()) {
            throw new IllegalStateException("Session.close may not be called in a MessageListener of the same session");
        }
        completions.refuseInsideCallback("Session.close");
        client.closing();
        if (!core.close()) {
            return;
        }
        completions.awaitAll();
        closed = true;
        client.discardStaged();
        connection.removed(this);
        var ended = client.close(core.lastWords()).whenComplete((nothing, failure) -> {
            if (failure != null) {
                core.books().closedUnconfirmed();
            }
        });
        if (connection.isAlive()) {
            Waiting.unlessInterrupted(ended, connection.client(), "closing the session");
        }
    }

    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return listener;
    }

    /** For application servers. */
    @Override
    public void setMessageListener(MessageListener newListener) throws JMSException {
        checkOpen();
        core.checkNoListener();
        listener = newListener;
    }

    /** For application servers: hands out what a connection consumer has loaded the session with. */
    @Override
    public void run() {
        for (ConsumerCore load = loads.poll(); load != null; load = loads.poll()) {
            ConsumerCore loaded = load;
            JmsExceptions.unchecked(() -> {
                if (listener == null) {
                    throw new IllegalStateException("Session.run needs a listener: Session.setMessageListener");
                }
                try {
                    core.runLoaded(loaded, listener);
                } finally {
                    core.close(loaded); // What is rolled back from now on goes back to the broker.
                }
            });
        }
    }

    /** Takes what is there, as far as the request's credit reaches, for {@link #run}; on a worker. */
    void load(ConsumerRequest request, String name) throws JMSException {
        checkOpen();
        ConsumerCore consumer = new ConsumerCore(core, connection.options().prefetch(), true);
        consumer.loaded = true;
        ClientConsumer attached = attach(
                request,
                consumer,
                late -> abandon(consumer, late),
                "loading a server session with messages of " + name);
        consumer.attached(attached);
        core.add(consumer);
        Waiting.until(attached.drain(), connection.client(), "asking for messages of " + name);
        // Another session's turn is next; what has come stays with this one.
        Waiting.until(
                attached.detach(new OffsetsByPartition()), connection.client(), "loading a server session of " + name);
        loads.add(consumer);
    }

    /** @param late ends a consumer whose attachment nobody waited for in the end */
    ClientConsumer attach(ConsumerRequest request, DeliverySink sink, Consumer<ClientConsumer> late, String what)
            throws JMSException {
        CompletableFuture<ClientConsumer> attached = client.attach(request, sink);
        try {
            return Waiting.until(attached, connection.client(), what);
        } catch (JMSException e) {
            attached.thenAcceptAsync(late, Workers::run);
            throw e;
        }
    }

    /** Gives back what such a consumer was pushed. */
    private void abandon(ConsumerCore consumer, ClientConsumer late) {
        consumer.attached(late);
        try {
            late.detach(core.close(consumer));
        } catch (JMSException e) {
            connection.reportAsync(e);
        }
    }

    // ---- destinations

    @Override
    public Queue createQueue(String name) throws JMSException {
        domain.needsQueues("createQueue");
        checkOpen();
        return Destinations.queue(name);
    }

    @Override
    public Topic createTopic(String name) throws JMSException {
        domain.needsTopics("createTopic");
        checkOpen();
        return Destinations.topic(name);
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        domain.needsQueues("createTemporaryQueue");
        checkOpen();
        return connection.createTemporaryQueue();
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        domain.needsTopics("createTemporaryTopic");
        checkOpen();
        return connection.createTemporaryTopic();
    }

    /** Finds what a destination names; asks the broker once. */
    Target resolve(Destination destination) throws JMSException {
        Destinations.Name name = Destinations.nameOf(destination);
        if (destination instanceof TemporaryQueue || destination instanceof TemporaryTopic) {
            return now(name, destination);
        }
        String key = name.kind() + " " + name.name();
        Target known = targets.get(key);
        if (known != null && known.isValid()) {
            return known;
        }
        Target found = now(name, destination);
        targets.put(key, found);
        return found;
    }

    private Target now(Destinations.Name name, Destination destination) throws JMSException {
        return Waiting.until(
                connection.client().resolve(name.name(), name.kind(), name.partitions()),
                connection.client(),
                "looking for " + destination);
    }

    // ---- consumers

    @Override
    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return createConsumer(destination, null, false);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, String selector) throws JMSException {
        return createConsumer(destination, selector, false);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, String selector, boolean noLocal)
            throws JMSException {
        checkOpen();
        String selects = Selectors.checked(selector);
        connection.checkConsumable(destination);
        Target target = resolve(destination);
        boolean topic = target.kind() == DestinationKind.TOPIC;
        return attach(destination, target, null, selects, topic && noLocal, !topic);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return createReceiver(queue, null);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, String selector) throws JMSException {
        return (PenstockConsumer) createConsumer(queue, selector, false);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic) throws JMSException {
        return createSubscriber(topic, null, false);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic, String selector, boolean noLocal) throws JMSException {
        return (PenstockConsumer) createConsumer(topic, selector, noLocal);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        return createDurableSubscriber(topic, name, null, false);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        domain.needsTopics("createDurableSubscriber");
        return durable("createDurableSubscriber", topic, name, selector, noLocal);
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        return createDurableConsumer(topic, name, null, false);
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        domain.needsTopics("createDurableConsumer");
        return durable("createDurableConsumer", topic, name, selector, noLocal);
    }

    private PenstockConsumer durable(String method, Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        checkOpen();
        if (connection.clientIdOrNull() == null) {
            throw new IllegalStateException(method + " needs a client id: an unshared durable subscription is known by "
                    + "its name and the connection's client id; set it with setClientID or jms.clientID in the URL");
        }
        return durable(topic, name, selector, noLocal, false);
    }

    private PenstockConsumer durable(Topic topic, String name, String selector, boolean noLocal, boolean shared)
            throws JMSException {
        checkOpen();
        Destinations.checkSubscription(name);
        String selects = Selectors.checked(selector);
        if (topic instanceof TemporaryTopic) {
            throw new InvalidDestinationException("a temporary topic has no durable subscriptions");
        }
        Target target = resolve(topic);
        for (int attempt = 1; ; attempt++) {
            Subscription subscription = Waiting.until(
                    connection.client().subscribeDurable(name, target, selects, noLocal, shared),
                    connection.client(),
                    "subscribing as '" + name + "'");
            try {
                return attach(topic, target, subscription, selects, noLocal, true);
            } catch (InvalidDestinationException e) {
                // Between the two steps another connection has ended it, or has made it anew.
                if (!ENDED_MEANWHILE.equals(e.getErrorCode()) || attempt == SUBSCRIBE_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private PenstockConsumer attach(
            Destination destination,
            Target target,
            Subscription subscription,
            String selector,
            boolean noLocal,
            boolean survivesClient)
            throws JMSException {
        Prefetch prefetch = connection.options().prefetch();
        ConsumerCore consumer = new ConsumerCore(core, prefetch, survivesClient);
        ConsumerRequest request = new ConsumerRequest(
                target, subscription, selector, noLocal, false, prefetch.messages(), prefetch.bytes());
        consumer.attached(
                attach(request, consumer, late -> abandon(consumer, late), "creating a consumer of " + destination));
        core.add(consumer);
        return new PenstockConsumer(this, consumer, destination, selector, noLocal);
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name) throws JMSException {
        return createSharedConsumer(topic, name, null);
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name, String selector) throws JMSException {
        domain.needsTopics("createSharedConsumer");
        checkOpen();
        Destinations.checkSubscription(name);
        String selects = Selectors.checked(selector);
        connection.checkConsumable(topic);
        Target target = resolve(topic);
        return attach(topic, target, connection.client().sharedSubscription(name, target), selects, false, true);
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        return createSharedDurableConsumer(topic, name, null);
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name, String selector) throws JMSException {
        domain.needsTopics("createSharedDurableConsumer");
        return durable(topic, name, selector, false, true);
    }

    @Override
    public void unsubscribe(String name) throws JMSException {
        domain.needsTopics("unsubscribe");
        checkOpen();
        if (name == null || name.isEmpty()) {
            throw new InvalidDestinationException("a subscription has a name");
        }
        core.flush(Confirmation.SENT_SOON);
        Waiting.until(connection.client().unsubscribe(name), connection.client(), "unsubscribing '" + name + "'");
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) throws JMSException {
        domain.needsQueues("createBrowser");
        checkOpen();
        String selects = Selectors.checked(selector);
        return new PenstockBrowser(this, queue, resolve(queue), selects);
    }

    /** Begins a browser's look through its queue, behind everything that this session has acknowledged. */
    BrowserEnumeration browse(Queue queue, Target target, String selector) throws JMSException {
        checkOpen();
        core.flush(Confirmation.SENT_SOON);
        BrowserEnumeration enumeration = new BrowserEnumeration(queue, connection.client(), () -> !closed);
        enumeration.attached(attach(
                BrowserEnumeration.request(target, selector),
                enumeration,
                late -> late.detach(new OffsetsByPartition()),
                "browsing " + queue));
        return enumeration;
    }

    // ---- producers

    @Override
    public MessageProducer createProducer(Destination destination) throws JMSException {
        return producer(destination);
    }

    @Override
    public QueueSender createSender(Queue queue) throws JMSException {
        return producer(queue);
    }

    @Override
    public TopicPublisher createPublisher(Topic topic) throws JMSException {
        return producer(topic);
    }

    private PenstockProducer producer(Destination destination) throws JMSException {
        checkOpen();
        if (destination != null) {
            resolve(destination);
        }
        return new PenstockProducer(this, destination);
    }

    // ---- messages

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        checkOpen();
        return new PenstockBytesMessage();
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        checkOpen();
        return new PenstockMapMessage();
    }

    @Override
    public Message createMessage() throws JMSException {
        checkOpen();
        return new PenstockMessage();
    }

    @Override
    public ObjectMessage createObjectMessage() throws JMSException {
        checkOpen();
        return new PenstockObjectMessage(connection.options().deserialization());
    }

    @Override
    public ObjectMessage createObjectMessage(Serializable object) throws JMSException {
        ObjectMessage message = createObjectMessage();
        message.setObject(object);
        return message;
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        checkOpen();
        return new PenstockStreamMessage();
    }

    @Override
    public TextMessage createTextMessage() throws JMSException {
        checkOpen();
        return new PenstockTextMessage();
    }

    @Override
    public TextMessage createTextMessage(String text) throws JMSException {
        TextMessage message = createTextMessage();
        message.setText(text);
        return message;
    }
}
