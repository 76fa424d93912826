package io.penstock.jms.client;

import jakarta.jms.JMSException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * A session: the order of sends, the unit of acknowledging, at most one transaction. Sends, settlements and commits are
 * called by one thread at a time; {@link #close} by any.
 */
public interface ClientSession {

    /**
     * Sends one message behind those sent before; batches form while earlier ones are under way. Waits for room when too
     * much is under way. The message is read before this returns.
     */
    CompletableFuture<Void> send(Target target, OutgoingMessage message) throws JMSException;

    /** Keeps a message for {@link #commit}. */
    void stage(Target target, OutgoingMessage message) throws JMSException;

    /** Forgets what was staged. */
    void discardStaged();

    /** Sends what was staged and settles, all or nothing. Afterwards nothing is staged, whatever the outcome. */
    CompletableFuture<Void> commit(Settlements settlements) throws JMSException;

    /** A branch of a distributed transaction, for sends apart from those of {@link #stage} and of other branches. */
    ClientBranch openBranch();

    /** The future is complete already unless {@code confirmation} is {@link Confirmation#COMMITTED}. */
    CompletableFuture<Void> settle(Settlements settlements, Confirmation confirmation) throws JMSException;

    CompletableFuture<ClientConsumer> attach(ConsumerRequest request, DeliverySink sink);

    /**
     * Reads for the connection on the calling thread until {@code done}, if that saves a hand-over. May return at any
     * time before; then the caller waits as it would without this. Holding no lock.
     */
    default void readUntil(BooleanSupplier done, long timeoutNanos) {}

    /** Takes what the socket holds already, where no thread is reading: it belongs to those who hold it, not to the broker. */
    default void readArrived() {}

    /** What was sent last is confirmed to nobody who waits by {@link #readUntil}. */
    default void confirmedLater() {}

    /** It is about to be closed: sends that wait for a lost connection fail, now and from now on. */
    void closing();

    /** Ends the session: what is neither settled nor marked goes back uncounted, what is marked counted. */
    CompletableFuture<Void> close(Settlements marks);
}
