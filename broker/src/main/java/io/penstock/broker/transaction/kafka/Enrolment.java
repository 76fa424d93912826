package io.penstock.broker.transaction.kafka;

import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The port to the coordinator of a transactional id, wherever it is, for those who let a transaction's batches into a
 * partition. Any thread may call; answers come on any thread and are never exceptional.
 */
public interface Enrolment {

    /**
     * Adds partitions to the client's transaction, and begins one when none is ongoing.
     *
     * @param version 2 when the client lets the broker add partitions, and gets a new epoch at each end
     */
    CompletableFuture<TransactionError> add(
            String id, ProducerIdentity client, Set<TransactionPartition> partitions, int version);

    /** Whether the partition is in the client's ongoing transaction; INVALID_TXN_STATE when not. */
    CompletableFuture<TransactionError> verify(String id, ProducerIdentity client, TransactionPartition partition);
}
