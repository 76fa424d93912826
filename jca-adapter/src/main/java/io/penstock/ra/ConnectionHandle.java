package io.penstock.ra;

import io.penstock.jms.session.Domain;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
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
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an application has of a managed connection: at most one session, and no say over the connection that others share
 * (rule 31). Thread-safe. Closed by the application, or made useless by the container.
 */
final class ConnectionHandle implements Connection, QueueConnection, TopicConnection {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHandle.class);

    /** Makes a temporary destination go. */
    private interface Deletion {
        void delete() throws JMSException;
    }

    private final List<Deletion> temporaries = new ArrayList<>();
    private Domain domain = Domain.ANY;
    private PenstockManagedConnection managed;
    private SessionHandle session;
    private boolean closed;

    ConnectionHandle(PenstockManagedConnection managed) {
        this.managed = managed;
    }

    synchronized void belongsTo(Domain only) {
        domain = only;
    }

    synchronized Domain domain() {
        return domain;
    }

    /** The connection behind this one now; a container may put another one there. */
    synchronized PenstockManagedConnection managed() throws JMSException {
        if (closed) {
            throw new IllegalStateException("the connection is closed");
        }
        return managed;
    }

    /** @return the connection that was behind this one until now */
    synchronized PenstockManagedConnection associate(PenstockManagedConnection other) {
        PenstockManagedConnection before = managed;
        managed = other;
        return before;
    }

    // ---- sessions

    @Override
    public Session createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return open(transacted ? Session.SESSION_TRANSACTED : acknowledgeMode, domain());
    }

    @Override
    public Session createSession(int sessionMode) throws JMSException {
        return open(sessionMode, domain());
    }

    @Override
    public Session createSession() throws JMSException {
        return open(Session.AUTO_ACKNOWLEDGE, domain());
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        domain().needsQueues("createQueueSession");
        return open(transacted ? Session.SESSION_TRANSACTED : acknowledgeMode, Domain.QUEUE);
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        domain().needsTopics("createTopicSession");
        return open(transacted ? Session.SESSION_TRANSACTED : acknowledgeMode, Domain.TOPIC);
    }

    /** Outside of a transaction everything but DUPS_OK is AUTO, as the specification recommends. */
    private synchronized SessionHandle open(int mode, Domain sessionDomain) throws JMSException {
        PenstockManagedConnection behind = managed();
        if (session != null) {
            throw new IllegalStateException("the connection has a session already, and in an application server's web "
                    + "or EJB container it may have one only; close that first, or open another connection");
        }
        if (mode < Session.SESSION_TRANSACTED || mode > Session.DUPS_OK_ACKNOWLEDGE) {
            throw new JMSException("there is no acknowledge mode " + mode);
        }
        session = new SessionHandle(
                this, sessionDomain, mode == Session.DUPS_OK_ACKNOWLEDGE ? mode : Session.AUTO_ACKNOWLEDGE);
        try {
            behind.session(session.outsideMode());
        } catch (JMSException e) {
            session = null;
            throw e;
        }
        return session;
    }

    synchronized void removed(SessionHandle closedSession) {
        if (session == closedSession) {
            session = null;
        }
    }

    synchronized TemporaryQueue keep(TemporaryQueue queue) {
        temporaries.add(queue::delete);
        return queue;
    }

    synchronized TemporaryTopic keep(TemporaryTopic topic) {
        temporaries.add(topic::delete);
        return topic;
    }

    // ---- what is left to an application

    @Override
    public void start() throws JMSException {
        managed().start();
    }

    @Override
    public String getClientID() throws JMSException {
        return managed().physical().getClientID();
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        return managed().physical().getMetaData();
    }

    @Override
    public void close() throws JMSException {
        PenstockManagedConnection behind = end();
        if (behind != null) {
            behind.closed(this);
        }
    }

    /**
     * Closes what was made of it; the container is not told.
     *
     * @return the connection behind it, or null if it was closed before
     */
    PenstockManagedConnection end() {
        SessionHandle open;
        PenstockManagedConnection behind;
        List<Deletion> toDelete;
        synchronized (this) {
            if (closed) {
                return null;
            }
            closed = true;
            behind = managed;
            open = session;
            toDelete = List.copyOf(temporaries);
            temporaries.clear();
        }
        if (open != null) {
            open.end();
        }
        for (Deletion temporary : toDelete) {
            try {
                temporary.delete();
            } catch (JMSException e) {
                LOG.debug("a temporary destination stays until its connection goes", e);
            }
        }
        return behind;
    }

    // ---- what is the container's

    @Override
    public void setClientID(String clientId) throws JMSException {
        managed();
        throw ContainerRules.refused("Connection.setClientID");
    }

    @Override
    public ExceptionListener getExceptionListener() throws JMSException {
        managed();
        return null;
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) throws JMSException {
        managed();
        throw ContainerRules.refused("Connection.setExceptionListener");
    }

    @Override
    public void stop() throws JMSException {
        managed();
        throw ContainerRules.refused("Connection.stop");
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, String selector, ServerSessionPool pool, int messagesMax) throws JMSException {
        managed();
        throw ContainerRules.refused("Connection.createConnectionConsumer");
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
        managed();
        throw ContainerRules.refused("Connection.createDurableConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int messagesMax) throws JMSException {
        managed();
        throw ContainerRules.refused("Connection.createSharedConnectionConsumer");
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String name, String selector, ServerSessionPool pool, int messagesMax) throws JMSException {
        managed();
        throw ContainerRules.refused("Connection.createSharedDurableConnectionConsumer");
    }
}
