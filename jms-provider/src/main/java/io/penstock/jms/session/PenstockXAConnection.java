package io.penstock.jms.session;

import io.penstock.jms.client.ClientEngine;
import io.penstock.jms.client.ConnectionSettings;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XASession;
import jakarta.jms.XATopicConnection;
import jakarta.jms.XATopicSession;

/**
 * A connection that makes sessions for distributed transactions, too; those of createSession are as any connection's.
 * Thread-safe.
 */
public final class PenstockXAConnection extends PenstockConnection
        implements XAConnection, XAQueueConnection, XATopicConnection {

    private PenstockXAConnection(
            ClientEngine engine, ConnectionSettings settings, SessionOptions options, Domain domain)
            throws JMSException {
        super(engine, settings, options, domain);
    }

    /**
     * Connects.
     *
     * @throws jakarta.jms.JMSSecurityException if user or password are refused
     */
    public static PenstockXAConnection open(
            ClientEngine engine, ConnectionSettings settings, SessionOptions options, Domain domain)
            throws JMSException {
        return new PenstockXAConnection(engine, settings, options, domain);
    }

    @Override
    public XASession createXASession() throws JMSException {
        return openXaSession(domain());
    }

    @Override
    public XAQueueSession createXAQueueSession() throws JMSException {
        domain().needsQueues("createXAQueueSession");
        return openXaSession(Domain.QUEUE);
    }

    @Override
    public XATopicSession createXATopicSession() throws JMSException {
        domain().needsTopics("createXATopicSession");
        return openXaSession(Domain.TOPIC);
    }

    PenstockXASession openXaSession(Domain sessionDomain) throws JMSException {
        return add(() -> new PenstockXASession(this, client(), sessionDomain));
    }
}
