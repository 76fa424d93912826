package io.penstock.jms.client;

import java.util.List;

/**
 * What an engine needs to know to connect.
 *
 * @param clientId null for none
 * @param user null for anonymous
 * @param password null for none
 * @param transactionBytesMax how many bytes of sends a transaction may hold
 * @param localSocket whether brokers of this host may be spoken to by a socket file
 * @param initialAttempts how often the brokers are tried before the first connection fails; -1 for ever
 */
public record ConnectionSettings(
        List<BrokerAddress> brokers,
        String clientId,
        String user,
        String password,
        int connectTimeoutMillis,
        int callTimeoutMillis,
        int transactionBytesMax,
        int initialAttempts,
        Reconnection reconnection,
        boolean localSocket) {
    public ConnectionSettings {
        brokers = List.copyOf(brokers);
    }

    public ConnectionSettings withClientId(String newClientId) {
        return new ConnectionSettings(
                brokers,
                newClientId,
                user,
                password,
                connectTimeoutMillis,
                callTimeoutMillis,
                transactionBytesMax,
                initialAttempts,
                reconnection,
                localSocket);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "ConnectionSettings" + brokers + " clientId=" + clientId + " user=" + user;
    }
}
