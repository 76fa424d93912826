package io.penstock.jms.transport;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/** A request that waits for its reply. Completed on the event loop. */
final class PendingReply extends CompletableFuture<ByteBuffer> {
    final short apiKey;
    final long deadlineNanos;

    PendingReply(short apiKey, long deadlineNanos) {
        this.apiKey = apiKey;
        this.deadlineNanos = deadlineNanos;
    }
}
