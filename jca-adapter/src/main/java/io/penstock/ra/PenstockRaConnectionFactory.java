package io.penstock.ra;

import io.penstock.jms.session.Domain;
import io.penstock.jms.session.JmsExceptions;
import io.penstock.ra.client.ConnectionDefaults;
import io.penstock.ra.client.DefaultsHolder;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.Session;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.resource.Referenceable;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import java.io.Serializable;
import javax.naming.Reference;

/**
 * What an application in a server looks up or is given: its connections come from the server's pool and take part in the
 * server's transactions. Thread-safe.
 */
public class PenstockRaConnectionFactory
        implements ConnectionFactory,
                QueueConnectionFactory,
                TopicConnectionFactory,
                DefaultsHolder,
                Referenceable,
                Serializable {
    private static final long serialVersionUID = 1L;

    private final PenstockManagedConnectionFactory managed;
    private final ConnectionManager connections;
    private transient Reference reference;

    PenstockRaConnectionFactory(PenstockManagedConnectionFactory managed, ConnectionManager connections) {
        this.managed = managed;
        this.connections = connections;
    }

    /** For endpoints that name it. */
    @Override
    public ConnectionDefaults defaults() {
        return managed.defaults();
    }

    @Override
    public Connection createConnection() throws JMSException {
        return open(ConnectionRequest.DEFAULT, Domain.ANY);
    }

    @Override
    public Connection createConnection(String user, String password) throws JMSException {
        return open(new ConnectionRequest(user, password), Domain.ANY);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return open(ConnectionRequest.DEFAULT, Domain.QUEUE);
    }

    @Override
    public QueueConnection createQueueConnection(String user, String password) throws JMSException {
        return open(new ConnectionRequest(user, password), Domain.QUEUE);
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return open(ConnectionRequest.DEFAULT, Domain.TOPIC);
    }

    @Override
    public TopicConnection createTopicConnection(String user, String password) throws JMSException {
        return open(new ConnectionRequest(user, password), Domain.TOPIC);
    }

    @Override
    public JMSContext createContext() {
        return createContext(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return context(ConnectionRequest.DEFAULT, sessionMode);
    }

    @Override
    public JMSContext createContext(String user, String password) {
        return createContext(user, password, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(String user, String password, int sessionMode) {
        return context(new ConnectionRequest(user, password), sessionMode);
    }

    private JMSContext context(ConnectionRequest request, int sessionMode) {
        if (sessionMode < Session.SESSION_TRANSACTED || sessionMode > Session.DUPS_OK_ACKNOWLEDGE) {
            throw new JMSRuntimeException("there is no session mode " + sessionMode);
        }
        return JmsExceptions.unchecked(() -> {
            ConnectionHandle connection = open(request, Domain.ANY);
            return new ContextHandle(connection, connection.createSession(sessionMode));
        });
    }

    private ConnectionHandle open(ConnectionRequest request, Domain domain) throws JMSException {
        try {
            ConnectionHandle handle = (ConnectionHandle) connections.allocateConnection(managed, request);
            handle.belongsTo(domain);
            return handle;
        } catch (ResourceException e) {
            throw ContainerRules.translated(e);
        }
    }

    @Override
    public Reference getReference() {
        return reference;
    }

    @Override
    public void setReference(Reference reference) {
        this.reference = reference;
    }
}
