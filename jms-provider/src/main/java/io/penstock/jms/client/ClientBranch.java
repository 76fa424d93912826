package io.penstock.jms.client;

import jakarta.jms.JMSException;
import java.util.concurrent.CompletableFuture;

/**
 * What one branch of a distributed transaction sends within a session, which may have several of them at once. As with a
 * session, one thread at a time.
 */
public interface ClientBranch {

    /** Keeps a message for the end of the branch; a large one as a whole. */
    void stage(Target target, OutgoingMessage message) throws JMSException;

    /** True when nothing was staged. */
    boolean isEmpty();

    /** Forgets what was staged. */
    void discard();

    /**
     * The first phase: hands over what was staged, and what is accepted. When the future completes the broker keeps it,
     * whatever becomes of this client. Afterwards nothing is staged, whatever the outcome.
     *
     * <p>Fails with {@code TransactionRolledBackException} when certainly nothing is kept.
     */
    CompletableFuture<Void> prepare(BranchXid xid, Settlements accepted);

    /** Both phases in one, as {@link ClientSession#commit}. */
    CompletableFuture<Void> commit(Settlements accepted);

    /** How what was prepared has ended. */
    void ended(boolean committed);
}
