package io.penstock.jms.client;

import java.util.concurrent.CompletableFuture;

/** An attached consumer. Any thread. It stays valid in {@link Settlements} after it was detached, until its session ends. */
public interface ClientConsumer {
    int id();

    /**
     * Names the group that it takes from: equal for consumers of the same queue or subscription, of other connections
     * and later ones too. Null when nothing of the group outlives the connection.
     */
    Object source();

    /** Lets so many more messages and bytes be pushed. */
    void credit(int messages, int bytes);

    /** Completes when everything that was available has been delivered, as far as the credit goes. */
    CompletableFuture<Void> drain();

    /** Ends pushing. What was pushed and never handed to the application goes back with its count unchanged. */
    CompletableFuture<Void> detach(OffsetsByPartition neverHandedOut);
}
