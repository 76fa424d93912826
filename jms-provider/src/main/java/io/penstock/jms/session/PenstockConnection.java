package io.penstock.jms.session;

import io.penstock.jms.PenstockDestination;
import io.penstock.jms.PenstockTemporaryQueue;
import io.penstock.jms.PenstockTemporaryTopic;
import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientEngine;
import io.penstock.jms.client.Clock;
import io.penstock.jms.client.ConnectionObserver;
import io.penstock.jms.client.ConnectionSettings;
import io.penstock.jms.client.DestinationKind;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A connection, of any domain. Thread-safe, as the specification wants it. It costs a socket and no thread. Closed by the
 * application, or by the last of the contexts that share it.
 */
public class PenstockConnection implements Connection, QueueConnection, TopicConnection {
    private final Domain domain;
    private final SessionOptions options;
    private final ClientConnection client;
    private final ApplicationLoader applications = new ApplicationLoader();
    private final Serial exceptions = new Serial();
    private final Set<PenstockSession> sessions = new LinkedHashSet<>();
    private final ConnectionConsumers consumers = new ConnectionConsumers(this);
    private final Set<PenstockDestination> temporaries = ConcurrentHashMap.newKeySet();
    private volatile ExceptionListener exceptionListener;
    private String clientId;
    /** Something was done, so that it is too late for a client id (rule 13). */
    private boolean used;

    private boolean started;
    private boolean closed;
    private JMSException failure;
    private int contexts;

    PenstockConnection(ClientEngine engine, ConnectionSettings settings, SessionOptions options, Domain domain)
            throws JMSException {
        this.domain = domain;
        this.options = options;
        this.clientId = settings.clientId();
        this.client = engine.connect(settings, new Observer());
    }

    /**
     * Connects.
     *
     * @throws jakarta.jms.JMSSecurityException if user or password are refused
     */
    public static PenstockConnection open(
            ClientEngine engine, ConnectionSettings settings, SessionOptions options, Domain domain)
            throws JMSException {
        return new PenstockConnection(engine, settings, options, domain);
    }

    ClientConnection client() {
        return client;
    }

    Domain domain() {
        return domain;
    }

    Clock clock() {
        return client.clock();
    }

    SessionOptions options() {
        return options;
    }

    // ---- sessions

    @Override
    public Session createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return openSession(transacted, acknowledgeMode, domain);
    }

    @Override
    public Session createSession(int sessionMode) throws JMSException {
        return openSession(sessionMode == Session.SESSION_TRANSACTED, sessionMode, domain);
    }

    @Override
    public Session createSession() throws JMSException {
        return openSession(false, Session.AUTO_ACKNOWLEDGE, domain);
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        domain.needsQueues("createQueueSession");
        return openSession(transacted, acknowledgeMode, Domain.QUEUE);
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        domain.needsTopics("createTopicSession");
        return openSession(transacted, acknowledgeMode, Domain.TOPIC);
    }

    PenstockSession openSession(boolean transacted, int acknowledgeMode, Domain sessionDomain) throws JMSException {
        return add(() -> {
            AcknowledgeMode mode = transacted ? AcknowledgeMode.TRANSACTED : AcknowledgeMode.of(acknowledgeMode);
            if (!transacted && mode == AcknowledgeMode.TRANSACTED) {
                throw new JMSException("SESSION_TRANSACTED is not a mode of a session that is not transacted");
            }
            return new PenstockSession(this, client, mode, sessionDomain);
        });
    }

    synchronized <S extends PenstockSession> S add(JmsExceptions.Call<S> opening) throws JMSException {
        use();
        S session = opening.run();
        sessions.add(session);
        if (started) {
            session.core().start();
        }
        return session;
    }

    TemporaryQueue createTemporaryQueue() throws JMSException {
        PenstockTemporaryQueue queue = new PenstockTemporaryQueue(temporary(DestinationKind.QUEUE), this::delete);
        temporaries.add(queue);
        return queue;
    }

    TemporaryTopic createTemporaryTopic() throws JMSException {
        PenstockTemporaryTopic topic = new PenstockTemporaryTopic(temporary(DestinationKind.TOPIC), this::delete);
        temporaries.add(topic);
        return topic;
    }

    private String temporary(DestinationKind kind) throws JMSException {
        return Waiting.until(client.createTemporary(kind), client, "creating a temporary destination");
    }

    /** Rule 16; a destination that has gone with this connection needs no more. */
    private void delete(PenstockDestination temporary) throws JMSException {
        if (!isClosed() && temporaries.contains(temporary)) {
            Waiting.until(client.deleteTemporary(temporary.name()), client, "deleting " + temporary);
            temporaries.remove(temporary);
        }
    }

    /** Rule 16: only the connection that made a temporary destination consumes it. */
    void checkConsumable(Destination destination) throws InvalidDestinationException {
        boolean temporary = destination instanceof TemporaryQueue || destination instanceof TemporaryTopic;
        if (temporary && !temporaries.contains(destination)) {
            throw new InvalidDestinationException(
                    destination + " is a temporary destination that was deleted or is another connection's, which alone"
                            + " may consume it");
        }
    }

    synchronized void removed(PenstockSession session) {
        sessions.remove(session);
    }

    private synchronized List<PenstockSession> openSessions() {
        return new ArrayList<>(sessions);
    }

    // ---- identity

    @Override
    public synchronized String getClientID() throws JMSException {
        checkOpen();
        return clientId;
    }

    @Override
    public synchronized void setClientID(String newClientId) throws JMSException {
        checkOpen();
        if (clientId != null) {
            throw new IllegalStateException("the client id is '" + clientId + "' already and cannot be changed");
        }
        if (used) {
            throw new IllegalStateException("the client id must be set before anything else is done on a connection");
        }
        if (newClientId == null || newClientId.isEmpty()) {
            throw new InvalidClientIDException("a client id must not be empty");
        }
        client.identify(newClientId);
        clientId = newClientId;
        used = true;
    }

    synchronized String clientIdOrNull() {
        return clientId;
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        use();
        return new PenstockConnectionMetaData();
    }

    // ---- errors

    @Override
    public ExceptionListener getExceptionListener() throws JMSException {
        use();
        return exceptionListener;
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) throws JMSException {
        use();
        exceptionListener = listener;
    }

    /** Tells what has no other outlet (rule 24). */
    void reportAsync(JMSException problem) {
        exceptions.execute(() -> {
            ExceptionListener listener = exceptionListener;
            if (listener == null) {
                ProblemLog.noListener(problem);
            } else {
                listener.onException(problem);
            }
        });
    }

    /** The engine must not wait for the locks of this object, so a worker takes over. */
    private final class Observer implements ConnectionObserver {
        @Override
        public void failed(JMSException cause) {
            Workers.run(() -> PenstockConnection.this.failed(cause));
        }

        @Override
        public void problem(JMSException problem) {
            reportAsync(problem);
        }
    }

    private void failed(JMSException cause) {
        List<PenstockSession> all;
        synchronized (this) {
            if (closed || failure != null) {
                return;
            }
            failure = cause;
            all = openSessions();
        }
        for (PenstockSession session : all) {
            session.core().connectionFailed(cause);
        }
        reportAsync(cause);
    }

    // ---- starting, stopping, closing

    @Override
    public synchronized void start() throws JMSException {
        use();
        started = true;
        for (PenstockSession session : sessions) {
            session.core().start();
        }
        consumers.open().forEach(PenstockConnectionConsumer::wake);
    }

    @Override
    public void stop() throws JMSException {
        List<PenstockSession> all;
        synchronized (this) {
            use();
            all = openSessions();
            refuseInsideListener(all, "Connection.stop");
            started = false;
        }
        for (PenstockSession session : all) {
            session.core().stop();
        }
    }

    /** True while messages are handed out. */
    synchronized boolean isStarted() {
        return started && !closed;
    }

    @Override
    public void close() throws JMSException {
        List<PenstockSession> all;
        boolean alive;
        synchronized (this) {
            if (closed) {
                return;
            }
            all = openSessions();
            refuseInsideListener(all, "Connection.close");
            for (PenstockSession session : all) {
                session.completions().refuseInsideCallback("Connection.close");
            }
            closed = true;
            started = false;
            alive = failure == null;
        }
        // Whoever waits for a connection that is being made again, waits in vain now.
        client.closing();
        JMSException first = null;
        for (PenstockConnectionConsumer consumer : consumers.open()) {
            try {
                consumer.close();
            } catch (JMSException e) {
                first = first == null ? e : first;
            }
        }
        for (PenstockSession session : all) {
            try {
                session.close();
            } catch (JMSException e) {
                first = first == null ? e : first;
            }
        }
        var ended = client.close();
        if (alive && first == null) {
            Waiting.unlessInterrupted(ended, client, "closing the connection");
        }
    }

    private static void refuseInsideListener(List<PenstockSession> all, String method) throws IllegalStateException {
        for (PenstockSession session : all) {
            if (session.core().insideListener()) {
                throw new IllegalStateException(
                        method + " may not be called in a MessageListener of one of the connection's sessions");
            }
        }
    }

    synchronized void contextOpened() {
        contexts++;
    }

    /** Rule 29: the last context closes the connection. */
    void contextClosed() throws JMSException {
        boolean last;
        synchronized (this) {
            contexts--;
            last = contexts == 0;
        }
        if (last) {
            close();
        }
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** False when the broker cannot be told anything any more. */
    synchronized boolean isAlive() {
        return failure == null;
    }

    private synchronized void use() throws JMSException {
        checkOpen();
        used = true;
    }

    private void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("the connection is closed");
        }
        if (failure != null) {
            throw JmsExceptions.again(failure);
        }
    }

    /**
     * Returns false if the listener has thrown. An error too, say of a class that is missing, must not end the session's
     * dispatching without a word.
     */
    boolean runListener(MessageListener listener, Message message) {
        try {
            applications.run(() -> listener.onMessage(message));
            return true;
        } catch (RuntimeException | Error e) {
            CallbackLog.thrown(listener, e);
            return false;
        }
    }

    // ---- connection consumers

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, String selector, ServerSessionPool pool, int messagesMax) throws JMSException {
        checkConsumable(destination);
        boolean topic = Destinations.nameOf(destination).kind() == DestinationKind.TOPIC;
        if (topic) {
            domain.needsTopics("createConnectionConsumer");
        } else {
            domain.needsQueues("createConnectionConsumer");
        }
        return consumers.alone(destination, topic, selector, pool, messagesMax);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Queue queue, String selector, ServerSessionPool pool, int messagesMax) throws JMSException {
        return createConnectionConsumer((Destination) queue, selector, pool, messagesMax);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Topic topic, String selector, ServerSessionPool pool, int messagesMax) throws JMSException {
        return createConnectionConsumer((Destination) topic, selector, pool, messagesMax);
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int messagesMax) throws JMSException {
        domain.needsTopics("createDurableConnectionConsumer");
        if (clientIdOrNull() == null) {
            throw new IllegalStateException("createDurableConnectionConsumer needs a client id");
        }
        return consumers.subscriber(topic, name, selector, pool, messagesMax, ConnectionConsumers.Naming.DURABLE);
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int messagesMax) throws JMSException {
        domain.needsTopics("createSharedConnectionConsumer");
        return consumers.subscriber(topic, name, selector, pool, messagesMax, ConnectionConsumers.Naming.SHARED);
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int messagesMax) throws JMSException {
        domain.needsTopics("createSharedDurableConnectionConsumer");
        return consumers.subscriber(
                topic, name, selector, pool, messagesMax, ConnectionConsumers.Naming.SHARED_DURABLE);
    }

    void removed(PenstockConnectionConsumer consumer) {
        consumers.removed(consumer);
    }
}
