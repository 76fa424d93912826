package io.penstock.ra;

import io.penstock.ra.client.ConnectionDefaults;
import io.penstock.ra.client.PhysicalSessions;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.XAConnection;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.LocalTransactionException;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionMetaData;
import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.security.auth.Subject;
import javax.transaction.xa.XAResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection in a container's pool: one of the client's, its sessions, and the handles that applications have of it now.
 *
 * <pre>
 *   outside of transactions --XAResource.start--> global --end--> outside
 *                           --LocalTransaction.begin--> local --commit, rollback--> outside
 * </pre>
 *
 * <p>Made, matched, cleaned up and destroyed by the container; thread-safe, for handles are closed by any thread.
 */
final class PenstockManagedConnection implements ManagedConnection {
    private static final Logger LOG = LoggerFactory.getLogger(PenstockManagedConnection.class);

    /** What the sessions' work belongs to. */
    private enum Enlisted {
        OUTSIDE,
        LOCAL,
        GLOBAL
    }

    private final PenstockManagedConnectionFactory factory;
    private final ConnectionDefaults user;
    private final Connection physical;
    private final PhysicalSessions sessions;
    private final Set<ConnectionHandle> handles = new LinkedHashSet<>();
    private final List<ConnectionEventListener> listeners = new CopyOnWriteArrayList<>();
    private final LocalTransaction localTransaction = new Local();
    private XAResource resource;
    private volatile Enlisted enlisted = Enlisted.OUTSIDE;
    private PrintWriter log;

    /** @param physical is closed with this */
    PenstockManagedConnection(PenstockManagedConnectionFactory factory, ConnectionDefaults user, XAConnection physical)
            throws JMSException {
        this.factory = factory;
        this.user = user;
        this.physical = physical;
        this.sessions = new PhysicalSessions(physical);
        physical.setExceptionListener(this::onException);
    }

    boolean isOf(PenstockManagedConnectionFactory other, ConnectionDefaults otherUser) {
        return factory.equals(other) && user.isSameUser(otherUser);
    }

    // ---- for handles

    Connection physical() {
        return physical;
    }

    boolean isEnlisted() {
        return enlisted != Enlisted.OUTSIDE;
    }

    /** The session that does the work now. */
    Session session(int outsideMode) throws JMSException {
        return switch (enlisted) {
            case OUTSIDE -> sessions.plain(outsideMode);
            case LOCAL -> sessions.local();
            case GLOBAL -> sessions.global();
        };
    }

    void start() throws JMSException {
        physical.start();
    }

    void closed(ConnectionHandle handle) {
        synchronized (this) {
            handles.remove(handle);
        }
        ConnectionEvent event = new ConnectionEvent(this, ConnectionEvent.CONNECTION_CLOSED);
        event.setConnectionHandle(handle);
        listeners.forEach(listener -> listener.connectionClosed(event));
    }

    // ---- the container's

    @Override
    public synchronized Object getConnection(Subject subject, ConnectionRequestInfo request) throws ResourceException {
        if (!user.isSameUser(factory.user(subject, request))) {
            throw new jakarta.resource.spi.SecurityException(
                    "this connection is another user's, and a connection's user cannot be changed");
        }
        ConnectionHandle handle = new ConnectionHandle(this);
        handles.add(handle);
        return handle;
    }

    @Override
    public void associateConnection(Object connection) throws ResourceException {
        if (!(connection instanceof ConnectionHandle handle)) {
            throw new jakarta.resource.spi.IllegalStateException(
                    "not one of this adapter's connections: " + connection);
        }
        PenstockManagedConnection before = handle.associate(this);
        synchronized (before) {
            before.handles.remove(handle);
        }
        synchronized (this) {
            handles.add(handle);
        }
    }

    /** Back to the pool: nothing of its last user is left. */
    @Override
    public void cleanup() throws ResourceException {
        endHandles();
        try {
            if (enlisted == Enlisted.LOCAL) {
                localTransaction.rollback();
            }
            physical.stop();
        } catch (JMSException e) {
            throw ContainerRules.translated("the connection cannot be used again", e);
        }
    }

    @Override
    public void destroy() throws ResourceException {
        endHandles();
        try {
            physical.setExceptionListener(null);
        } catch (JMSException e) {
            LOG.debug("the connection is gone already", e);
        }
        try {
            physical.close();
        } catch (JMSException e) {
            throw ContainerRules.translated("closing a connection", e);
        }
    }

    private void endHandles() {
        List<ConnectionHandle> all;
        synchronized (this) {
            all = List.copyOf(handles);
            handles.clear();
        }
        all.forEach(ConnectionHandle::end);
    }

    @Override
    public void addConnectionEventListener(ConnectionEventListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeConnectionEventListener(ConnectionEventListener listener) {
        listeners.remove(listener);
    }

    // ---- errors

    /** The client makes lost connections again by itself, and tells of single failed sends; only the end is one here. */
    private void onException(JMSException problem) {
        if (isAlive()) {
            LOG.warn("on a connection to {}: {}", user, problem.toString());
            return;
        }
        ConnectionEvent event = new ConnectionEvent(this, ConnectionEvent.CONNECTION_ERROR_OCCURRED, problem);
        listeners.forEach(listener -> listener.connectionErrorOccurred(event));
    }

    /** False when the client has given it up. */
    boolean isAlive() {
        try {
            physical.getMetaData();
            return true;
        } catch (JMSException e) {
            return false;
        }
    }

    // ---- transactions

    @Override
    public synchronized XAResource getXAResource() throws ResourceException {
        if (resource == null) {
            try {
                resource = new EnlistedResource(
                        sessions.resource(), global -> enlisted = global ? Enlisted.GLOBAL : Enlisted.OUTSIDE);
            } catch (JMSException e) {
                throw ContainerRules.translated("getting an XAResource", e);
            }
        }
        return resource;
    }

    @Override
    public LocalTransaction getLocalTransaction() {
        return localTransaction;
    }

    /** One that the container begins and ends, of this connection alone. */
    private final class Local implements LocalTransaction {
        @Override
        public void begin() throws ResourceException {
            if (enlisted != Enlisted.OUTSIDE) {
                throw new LocalTransactionException("the connection is in a transaction already");
            }
            enlisted = Enlisted.LOCAL;
        }

        @Override
        public void commit() throws ResourceException {
            check();
            enlisted = Enlisted.OUTSIDE;
            try {
                sessions.local().commit();
            } catch (TransactionRolledBackException e) {
                throw new LocalTransactionException("the transaction was rolled back: " + e.getMessage(), e);
            } catch (JMSException e) {
                throw new LocalTransactionException("committing: " + e.getMessage(), e);
            }
        }

        @Override
        public void rollback() throws ResourceException {
            check();
            enlisted = Enlisted.OUTSIDE;
            try {
                sessions.local().rollback();
            } catch (JMSException e) {
                throw new LocalTransactionException("rolling back: " + e.getMessage(), e);
            }
        }

        private void check() throws LocalTransactionException {
            if (enlisted != Enlisted.LOCAL) {
                throw new LocalTransactionException("the connection is in no local transaction");
            }
        }
    }

    // ---- the rest

    @Override
    public ManagedConnectionMetaData getMetaData() throws ResourceException {
        try {
            return new Description(
                    physical.getMetaData().getJMSProviderName(),
                    physical.getMetaData().getProviderVersion(),
                    user.userName());
        } catch (JMSException e) {
            throw ContainerRules.translated("asking for metadata", e);
        }
    }

    private record Description(String product, String version, String user) implements ManagedConnectionMetaData {
        @Override
        public String getEISProductName() {
            return product;
        }

        @Override
        public String getEISProductVersion() {
            return version;
        }

        /** No limit. */
        @Override
        public int getMaxConnections() {
            return 0;
        }

        @Override
        public String getUserName() {
            return user;
        }
    }

    @Override
    public void setLogWriter(PrintWriter out) {
        log = out;
    }

    @Override
    public PrintWriter getLogWriter() {
        return log;
    }
}
