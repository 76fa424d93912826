package io.penstock.ra.inbound;

import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers a message in a transaction of the container, which begins a branch of the session before the message and ends it
 * after: the message belongs to the branch, since this listener begins it. Rolled back, it comes again, counted once more.
 *
 * <p>The session's listener thread.
 */
final class TransactedDelivery implements MessageListener {
    private static final Logger LOG = LoggerFactory.getLogger(TransactedDelivery.class);

    private final String name;
    private final MessageEndpoint endpoint;
    private final MessageListener listener;

    /** @param listener the endpoint itself */
    TransactedDelivery(String name, MessageEndpoint endpoint, MessageListener listener) {
        this.name = name;
        this.endpoint = endpoint;
        this.listener = listener;
    }

    @Override
    public void onMessage(Message message) {
        try {
            endpoint.beforeDelivery(EndpointConnection.ON_MESSAGE);
        } catch (NoSuchMethodException | ResourceException e) {
            // In no branch: what a listener throws makes the client hand the message out again.
            throw new DeliveryFailedException("endpoint " + name + ": the container begins no delivery", e);
        }
        RuntimeException thrown = null;
        try {
            listener.onMessage(message);
        } catch (RuntimeException e) {
            thrown = e; // The container has heard of it, and rolls back or not.
        } finally {
            after(thrown);
        }
    }

    private void after(RuntimeException thrown) {
        if (thrown != null) {
            LOG.warn("endpoint {} has thrown", name, thrown);
        }
        try {
            endpoint.afterDelivery();
        } catch (ResourceException e) {
            LOG.warn("endpoint {}: the delivery's transaction has not ended well: {}", name, e.toString());
        }
    }

    /** Makes the client hand the message out again. */
    private static final class DeliveryFailedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DeliveryFailedException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
