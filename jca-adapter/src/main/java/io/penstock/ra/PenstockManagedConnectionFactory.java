package io.penstock.ra;

import io.penstock.ra.client.ConnectionDefaults;
import io.penstock.ra.client.OwnLoader;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConfigProperty;
import jakarta.resource.spi.ConnectionDefinition;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import jakarta.resource.spi.ValidatingManagedConnectionFactory;
import jakarta.resource.spi.security.PasswordCredential;
import jakarta.validation.constraints.Pattern;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import javax.security.auth.Subject;

/**
 * Makes the connections of a container's pool, and finds among those that are free one of the user that is asked for. A
 * bean: what it does not say is as the resource adapter says. Set up by the container; then any thread.
 */
@ConnectionDefinition(
        connectionFactory = ConnectionFactory.class,
        connectionFactoryImpl = PenstockRaConnectionFactory.class,
        connection = Connection.class,
        connectionImpl = ConnectionHandle.class)
public class PenstockManagedConnectionFactory
        implements ManagedConnectionFactory, ResourceAdapterAssociation, ValidatingManagedConnectionFactory {
    private static final long serialVersionUID = 1L;

    @ConfigProperty(description = "penstock://host:port[,host:port...][?options]")
    private String url;

    @ConfigProperty(description = "The user of connections for which the application or the container names none")
    private String userName;

    @ConfigProperty(description = "The user's password", confidential = true)
    private String password;

    @ConfigProperty(description = "Client id of the connections; then there can be one connection only")
    private String clientId;

    private transient PenstockResourceAdapter adapter;
    private transient PrintWriter log;

    // ---- bean

    @Pattern(regexp = PenstockResourceAdapter.URL_PATTERN)
    public String getUrl() {
        return url;
    }

    public void setUrl(String url) {
        this.url = url;
    }

    public String getServerUrl() {
        return url;
    }

    /** Another word for {@link #setUrl}; an empty one is none. */
    public void setServerUrl(String serverUrl) {
        url = serverUrl == null || serverUrl.isBlank() ? url : serverUrl;
    }

    public String getUserName() {
        return userName;
    }

    public void setUserName(String userName) {
        this.userName = userName;
    }

    public String getPassword() {
        return password;
    }

    public void setPassword(String password) {
        this.password = password;
    }

    public String getClientId() {
        return clientId;
    }

    public void setClientId(String clientId) {
        this.clientId = clientId;
    }

    @Override
    public ResourceAdapter getResourceAdapter() {
        return adapter;
    }

    @Override
    public void setResourceAdapter(ResourceAdapter adapter) throws ResourceException {
        if (!(adapter instanceof PenstockResourceAdapter own)) {
            throw new ResourceException("not a Penstock resource adapter: " + adapter);
        }
        this.adapter = own;
    }

    /** Where its connections lead. */
    ConnectionDefaults defaults() {
        ConnectionDefaults own = new ConnectionDefaults(blank(url), blank(userName), password, blank(clientId));
        return own.or(
                adapter == null ? ConnectionDefaults.NONE : adapter.defaults().withClientId(null));
    }

    private static String blank(String text) {
        return text == null || text.isBlank() ? null : text;
    }

    // ---- factories

    @Override
    public Object createConnectionFactory(ConnectionManager connections) {
        return new PenstockRaConnectionFactory(this, connections);
    }

    /** Outside of a container nothing is pooled, enlisted or refused: the client's own factory does all that is left. */
    @Override
    public Object createConnectionFactory() {
        return defaults().factory();
    }

    // ---- connections

    @Override
    public ManagedConnection createManagedConnection(Subject subject, ConnectionRequestInfo request)
            throws ResourceException {
        ConnectionDefaults user = user(subject, request);
        try {
            XAConnection physical = OwnLoader.with(() -> user.openForTransactions());
            try {
                return new PenstockManagedConnection(this, user, physical);
            } catch (JMSException e) {
                physical.close();
                throw e;
            }
        } catch (JMSException e) {
            throw ContainerRules.translated("connecting to " + user, e);
        } catch (IllegalArgumentException e) {
            throw new jakarta.resource.spi.ResourceAllocationException(e.getMessage(), e);
        }
    }

    /** By the container's word, else by the application's, else by configuration. */
    ConnectionDefaults user(Subject subject, ConnectionRequestInfo request) throws ResourceException {
        ConnectionDefaults defaults = defaults();
        if (subject != null) {
            for (PasswordCredential credential : subject.getPrivateCredentials(PasswordCredential.class)) {
                if (equals(credential.getManagedConnectionFactory())) {
                    return defaults.as(credential.getUserName(), new String(credential.getPassword()));
                }
            }
        }
        if (request == null) {
            return defaults;
        }
        if (!(request instanceof ConnectionRequest asked)) {
            throw new ResourceException("not a request of this adapter: " + request);
        }
        return defaults.as(asked.user(), asked.password());
    }

    @Override
    @SuppressWarnings("rawtypes") // The interface's.
    public ManagedConnection matchManagedConnections(Set candidates, Subject subject, ConnectionRequestInfo request)
            throws ResourceException {
        ConnectionDefaults user = user(subject, request);
        for (Object candidate : candidates) {
            if (candidate instanceof PenstockManagedConnection mine && mine.isOf(this, user) && mine.isAlive()) {
                return mine;
            }
        }
        return null;
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // The interface's.
    public Set getInvalidConnections(Set candidates) {
        Set<Object> invalid = new HashSet<>();
        for (Object candidate : candidates) {
            if (candidate instanceof PenstockManagedConnection mine && !mine.isAlive()) {
                invalid.add(mine);
            }
        }
        return invalid;
    }

    // ---- the rest

    @Override
    public void setLogWriter(PrintWriter out) {
        log = out;
    }

    @Override
    public PrintWriter getLogWriter() {
        return log;
    }

    @Override
    public boolean equals(Object other) {
        return other != null
                && other.getClass() == getClass()
                && other instanceof PenstockManagedConnectionFactory that
                && Objects.equals(url, that.url)
                && Objects.equals(userName, that.userName)
                && Objects.equals(password, that.password)
                && Objects.equals(clientId, that.clientId)
                && Objects.equals(adapter, that.adapter);
    }

    @Override
    public int hashCode() {
        return Objects.hash(getClass().getName(), url, userName, clientId);
    }
}
