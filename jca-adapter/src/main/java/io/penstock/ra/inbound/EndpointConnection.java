package io.penstock.ra.inbound;

import io.penstock.jms.PenstockDestination;
import io.penstock.ra.client.ConnectionDefaults;
import io.penstock.ra.client.OwnLoader;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.XAConnection;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection of an endpoint with its sessions. Made and closed by the activation. */
final class EndpointConnection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointConnection.class);
    static final Method ON_MESSAGE = onMessage();

    /** Told once when the client has given the connection up. */
    interface Loss {
        void lost(EndpointConnection connection, JMSException cause);
    }

    private final XAConnection connection;
    private final List<EndpointSession> sessions = new ArrayList<>();

    private EndpointConnection(XAConnection connection) {
        this.connection = connection;
    }

    /** Connects, and messages come before it returns. */
    static EndpointConnection open(String name, MessageEndpointFactory factory, EndpointSettings settings, Loss loss)
            throws JMSException, ResourceException {
        PenstockDestination destination = NamingContext.destination(settings.place());
        ConnectionDefaults broker = settings.connectionFactoryLookup() == null
                ? settings.connection()
                : NamingContext.connection(settings.connectionFactoryLookup(), settings);
        Subscription subscription = Subscription.of(destination, settings, UUID.randomUUID());
        int count = subscription.sessions(settings.sessions());
        boolean transacted = isTransacted(factory);
        EndpointConnection made =
                new EndpointConnection(OwnLoader.with(() -> broker.openForTransactions(settings.prefetch(count))));
        try {
            made.connection.setExceptionListener(problem -> made.onException(name, problem, loss));
            for (int i = 0; i < count; i++) {
                made.sessions.add(
                        EndpointSession.open(name, made.connection, factory, subscription, settings, transacted));
            }
            made.connection.start();
            LOG.info("endpoint {} gets messages of {} on {} sessions", name, subscription, count);
            return made;
        } catch (JMSException | ResourceException | RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private static boolean isTransacted(MessageEndpointFactory factory) throws ResourceException {
        try {
            return factory.isDeliveryTransacted(ON_MESSAGE);
        } catch (NoSuchMethodException e) {
            throw new ResourceException("the endpoint has no onMessage(Message)", e);
        }
    }

    private static Method onMessage() {
        try {
            return MessageListener.class.getMethod("onMessage", Message.class);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private void onException(String name, JMSException problem, Loss loss) {
        try {
            connection.getMetaData();
            LOG.warn("endpoint {}: {}", name, problem.toString());
        } catch (JMSException e) {
            loss.lost(this, problem);
        }
    }

    /** Returns when no endpoint is inside a message; what was not handed out goes back to the broker. */
    @Override
    public void close() {
        quietly(connection::stop);
        sessions.forEach(EndpointSession::close);
        quietly(connection::close);
    }

    private interface Step {
        void run() throws JMSException;
    }

    private static void quietly(Step step) {
        try {
            step.run();
        } catch (JMSException e) {
            LOG.debug("closing an endpoint's connection", e);
        }
    }
}
