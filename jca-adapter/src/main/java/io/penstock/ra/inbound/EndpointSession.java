package io.penstock.ra.inbound;

import io.penstock.ra.client.OwnLoader;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of an endpoint's connection with a consumer, and the endpoint instance that gets its messages, one at a time.
 * Made and closed by the endpoint's connection.
 */
final class EndpointSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointSession.class);

    private final Session session;
    private final MessageEndpoint endpoint;

    private EndpointSession(Session session, MessageEndpoint endpoint) {
        this.session = session;
        this.endpoint = endpoint;
    }

    /** @throws jakarta.resource.spi.UnavailableException if the application is not there yet */
    static EndpointSession open(
            String name,
            XAConnection connection,
            MessageEndpointFactory factory,
            Subscription subscription,
            EndpointSettings settings,
            boolean transacted)
            throws JMSException, ResourceException {
        return transacted
                ? openTransacted(name, connection, factory, subscription, settings)
                : openPlain(connection, factory, subscription, settings);
    }

    private static EndpointSession openPlain(
            XAConnection connection,
            MessageEndpointFactory factory,
            Subscription subscription,
            EndpointSettings settings)
            throws JMSException, ResourceException {
        int mode = settings.dupsOk() ? Session.DUPS_OK_ACKNOWLEDGE : Session.AUTO_ACKNOWLEDGE;
        MessageEndpoint endpoint = factory.createEndpoint(null);
        Session session = OwnLoader.with(() -> connection.createSession(mode));
        // What it throws makes the client hand the message out again.
        subscription.consumer(session).setMessageListener(listener(endpoint));
        return new EndpointSession(session, endpoint);
    }

    private static EndpointSession openTransacted(
            String name,
            XAConnection connection,
            MessageEndpointFactory factory,
            Subscription subscription,
            EndpointSettings settings)
            throws JMSException, ResourceException {
        XASession session = OwnLoader.with(connection::createXASession);
        XAResource resource = session.getXAResource();
        if (settings.transactionTimeoutSeconds() > 0) {
            try {
                resource.setTransactionTimeout(settings.transactionTimeoutSeconds());
            } catch (XAException e) {
                throw new ResourceException("setting the transaction time-out", e);
            }
        }
        MessageEndpoint endpoint = factory.createEndpoint(resource);
        subscription
                .consumer(session.getSession())
                .setMessageListener(new TransactedDelivery(name, endpoint, listener(endpoint)));
        return new EndpointSession(session, endpoint);
    }

    private static MessageListener listener(MessageEndpoint endpoint) throws ResourceException {
        if (endpoint instanceof MessageListener listener) {
            return listener;
        }
        endpoint.release();
        throw new ResourceException("the endpoint is no jakarta.jms.MessageListener: " + endpoint.getClass());
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (JMSException e) {
            LOG.debug("closing an endpoint's session", e);
        }
        endpoint.release();
    }
}
