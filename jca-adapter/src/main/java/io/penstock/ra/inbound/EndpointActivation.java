package io.penstock.ra.inbound;

import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one endpoint supplied: connects, tries again when there is no broker, and connects anew when the client has given a
 * connection up.
 *
 * <pre>
 *   connecting --done--> connected --given up--> connecting
 *       |  ^ fails: after a while        |
 *       +--+                             |
 *   each --stop--> stopped; connecting --no more attempts, or none can help--> failed
 * </pre>
 *
 * <p>Connecting runs on the container's threads, one at a time. Thread-safe.
 */
final class EndpointActivation {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointActivation.class);
    /** How long a stop waits for an attempt to connect, which ends by itself then. */
    private static final long STOP_WAIT_SECONDS = 10;

    private final Activations threads;
    private final MessageEndpointFactory factory;
    private final EndpointSettings settings;
    private final String name;
    private EndpointConnection connection;
    /** Not null while an attempt is under way; released at its end. */
    private CountDownLatch connecting;

    private int failed;
    private boolean stopped;

    EndpointActivation(Activations threads, MessageEndpointFactory factory, EndpointSettings settings) {
        this.threads = threads;
        this.factory = factory;
        this.settings = settings;
        String activation = factory.getActivationName();
        this.name = activation == null ? String.valueOf(factory) : activation;
    }

    void start() {
        threads.runLater(this::connect, 0);
    }

    private void connect() {
        CountDownLatch ended = new CountDownLatch(1);
        synchronized (this) {
            if (stopped || connecting != null || connection != null) {
                return;
            }
            connecting = ended;
        }
        EndpointConnection made = null;
        Exception failure = null;
        try {
            made = EndpointConnection.open(name, factory, settings, this::lost);
        } catch (JMSException | ResourceException | RuntimeException e) {
            failure = e;
        } finally {
            boolean late;
            synchronized (this) {
                connecting = null;
                late = stopped;
                connection = late ? null : made;
                failed = made == null ? failed + 1 : 0;
            }
            if (late && made != null) {
                made.close();
            }
            ended.countDown();
            if (!late && failure != null) {
                again(failure);
            }
        }
    }

    private void again(Exception failure) {
        int attempts;
        synchronized (this) {
            attempts = failed;
        }
        if (failure instanceof InvalidSelectorException || !settings.retry().again(attempts)) {
            LOG.error("endpoint {} gets no messages, after {} attempts to connect", name, attempts, failure);
            return;
        }
        long delayMillis = settings.retry().delayMillis(attempts);
        LOG.warn(
                "endpoint {} is tried again in {} ms, attempt {}: {}", name, delayMillis, attempts, failure.toString());
        threads.runLater(this::connect, delayMillis);
    }

    /** The client has given the connection up. */
    private void lost(EndpointConnection given, JMSException cause) {
        synchronized (this) {
            if (stopped || connection != given) {
                return;
            }
            connection = null;
        }
        LOG.warn("endpoint {} has lost its connection: {}", name, cause.toString());
        threads.runLater(
                () -> {
                    given.close();
                    connect();
                },
                0);
    }

    /** Returns when the endpoint is called no more, and nothing of it is left. */
    void stop() {
        EndpointConnection open;
        CountDownLatch attempt;
        synchronized (this) {
            stopped = true;
            open = connection;
            connection = null;
            attempt = connecting;
        }
        if (open != null) {
            open.close();
        }
        if (attempt != null) {
            try {
                if (!attempt.await(STOP_WAIT_SECONDS, TimeUnit.SECONDS)) {
                    LOG.warn("endpoint {} is stopped while it is connecting; that ends by itself", name);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
