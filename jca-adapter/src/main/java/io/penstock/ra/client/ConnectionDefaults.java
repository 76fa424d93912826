package io.penstock.ra.client;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.jms.PenstockXAConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import java.io.Serializable;
import java.util.Objects;

/**
 * Where to connect, and as whom. A null stands for what another one says, in the end for the broker on this machine and
 * nobody in particular. Immutable.
 *
 * @param clientId null for none
 */
public record ConnectionDefaults(String url, String userName, String password, String clientId)
        implements Serializable {
    /** Says nothing. */
    public static final ConnectionDefaults NONE = new ConnectionDefaults(null, null, null, null);

    /** What this one does not say is as the other one says. A user comes with the password beside it. */
    public ConnectionDefaults or(ConnectionDefaults other) {
        boolean mine = userName != null;
        return new ConnectionDefaults(
                url == null ? other.url : url,
                mine ? userName : other.userName,
                mine ? password : other.password,
                clientId == null ? other.clientId : clientId);
    }

    /** The same for another user, unless it is null. */
    public ConnectionDefaults as(String user, String itsPassword) {
        return user == null ? this : new ConnectionDefaults(url, user, itsPassword, clientId);
    }

    public ConnectionDefaults withClientId(String id) {
        return new ConnectionDefaults(url, userName, password, id);
    }

    /**
     * A factory of the client's that leads there.
     *
     * @throws IllegalArgumentException if the URL is malformed or has an unknown option
     */
    public PenstockConnectionFactory factory() {
        return setUp(new PenstockConnectionFactory());
    }

    /** A connection whose sessions can take part in global transactions; exceptions as of {@link #factory}. */
    public XAConnection openForTransactions(int prefetch) throws JMSException {
        PenstockXAConnectionFactory factory = setUp(new PenstockXAConnectionFactory());
        if (prefetch > 0) {
            factory.setPrefetch(prefetch);
        }
        return factory.createXAConnection();
    }

    /** With the prefetch that the URL says. */
    public XAConnection openForTransactions() throws JMSException {
        return openForTransactions(0);
    }

    private <T extends PenstockConnectionFactory> T setUp(T factory) {
        if (url != null) {
            factory.setUrl(url);
        }
        if (userName != null) {
            factory.setUsername(userName);
            factory.setPassword(password);
        }
        if (clientId != null) {
            factory.setClientID(clientId);
        }
        return factory;
    }

    public boolean isSameUser(ConnectionDefaults other) {
        return Objects.equals(userName, other.userName) && Objects.equals(password, other.password);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return (url == null ? "the default broker" : url)
                + (userName == null ? "" : " as " + userName)
                + (clientId == null ? "" : " with client id " + clientId);
    }
}
