package io.penstock.jms.wire;

import io.penstock.jms.client.BrokerAddress;
import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientEngine;
import io.penstock.jms.client.ConnectionObserver;
import io.penstock.jms.client.ConnectionSettings;
import io.penstock.jms.message.DeserializationPolicy;
import io.penstock.jms.transport.TransportListener;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeoutException;

/** The engine of the private protocol. Immutable; any thread. */
public final class WireEngine implements ClientEngine {
    private final DeserializationPolicy policy;

    /** @param policy what ObjectMessages may hold */
    public WireEngine(DeserializationPolicy policy) {
        this.policy = policy;
    }

    DeserializationPolicy policy() {
        return policy;
    }

    @Override
    public ClientConnection connect(ConnectionSettings settings, ConnectionObserver observer) throws JMSException {
        WireConnection connection = new WireConnection(this, settings, observer);
        connection.open();
        return connection;
    }

    /**
     * Tries the brokers in turn; the first that answers is taken. One that goes before it has answered is as good as one
     * that cannot be reached.
     *
     * @param resumeToken of the connection that was lost, or null
     */
    WireConnection.Opened open(
            ConnectionSettings settings, BrokerOrder brokers, String resumeToken, TransportListener listener)
            throws JMSException {
        JMSException last = null;
        for (BrokerAddress broker : brokers.now()) {
            try {
                int attempt = brokers.nextAttempt();
                WireConnection.Opened opened =
                        new Introduction(broker, settings, resumeToken, attempt, listener).open();
                brokers.answered(broker);
                return opened;
            } catch (IOException e) {
                if (isSilence(e)) {
                    brokers.silent(broker);
                }
                JMSException failed = ErrorTable.translate(e, "connecting to " + broker);
                if (last != null) {
                    failed.addSuppressed(last);
                }
                last = failed;
            }
        }
        throw last;
    }

    /** Nothing came: neither an answer nor a refusal. */
    private static boolean isSilence(IOException failure) {
        return failure.getCause() instanceof SocketTimeoutException || failure.getCause() instanceof TimeoutException;
    }
}
