package io.penstock.jms.client;

import jakarta.jms.JMSException;

/** Makes connections. */
public interface ClientEngine {

    /**
     * Connects to the first broker of the list that answers, and introduces itself. Blocks the caller.
     *
     * @throws jakarta.jms.JMSSecurityException if user or password are refused
     * @throws jakarta.jms.InvalidClientIDException if the client id is in use or illegal
     */
    ClientConnection connect(ConnectionSettings settings, ConnectionObserver observer) throws JMSException;
}
