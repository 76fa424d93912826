package io.penstock.jms.client;

import jakarta.jms.JMSException;
import java.util.concurrent.CompletableFuture;

/** A connection to a broker as the JMS objects use it. Any thread. Closed by its owner. */
public interface ClientConnection {

    /**
     * Takes a client id, before anything else was done. Blocks.
     *
     * @throws jakarta.jms.InvalidClientIDException if it is in use; the connection goes on without one
     */
    void identify(String clientId) throws JMSException;

    /**
     * Finds a destination, and makes it when it is missing.
     *
     * <p>Fails with {@code InvalidDestinationException} when the name is of the other kind or not allowed.
     *
     * @param partitions how many it shall have when it is made; 0 for the broker's default
     */
    CompletableFuture<Target> resolve(String name, DestinationKind kind, int partitions);

    /**
     * Creates a durable subscription, or changes it (Messaging 3.1 §8.3.3, §8.3.4).
     *
     * <p>Fails with {@code IllegalStateException} while it has a consumer that minds, or when the identity is that of one
     * that is shared otherwise.
     *
     * @param selector null for everything
     */
    CompletableFuture<Subscription> subscribeDurable(
            String name, Target topic, String selector, boolean noLocal, boolean shared);

    /** A shared subscription that is not durable; attaching makes it when it is missing. No round trip. */
    Subscription sharedSubscription(String name, Target topic);

    /** Fails with {@code InvalidDestinationException} if there is none, {@code IllegalStateException} while it is in use. */
    CompletableFuture<Void> unsubscribe(String name);

    /**
     * Makes a temporary destination, which ends with this connection; after an interruption it is there again, empty when
     * the broker had forgotten it.
     */
    CompletableFuture<String> createTemporary(DestinationKind kind);

    /** Fails with {@code IllegalStateException} while it has a consumer. */
    CompletableFuture<Void> deleteTemporary(String name);

    /** No round trip. */
    ClientSession openSession(SessionState state);

    /** Of distributed transactions. */
    ClientBranches branches();

    /** A random text that no other connection has, for message ids and noLocal. */
    String token();

    /** Runs a short task on the engine's thread later, unless the connection has gone by then. */
    void later(Runnable task, long delayMillis);

    Clock clock();

    /** How long a caller should wait for a reply. */
    int callTimeoutMillis();

    /** True while a lost connection is being made again; calls wait for that. */
    boolean isInterrupted();

    /** When a call that was made at {@code askedNanos} should have been answered; an interruption begins the time anew. */
    long answerDueNanos(long askedNanos);

    /** It is about to be closed: what waits for a lost connection fails, now and from now on. */
    void closing();

    CompletableFuture<Void> close();
}
