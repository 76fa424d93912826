package io.penstock.broker.transaction.kafka;

import java.util.Set;

/** What tools are told of a transactional id; only {@code error} and {@code id} are meant after an error. */
public record TransactionDescription(
        TransactionError error,
        String id,
        TransactionPhase phase,
        ProducerIdentity producer,
        int timeoutMillis,
        long startMillis,
        Set<TransactionPartition> partitions) {

    static TransactionDescription failed(String id, TransactionError error) {
        return new TransactionDescription(error, id, TransactionPhase.EMPTY, ProducerIdentity.NONE, 0, -1, Set.of());
    }
}
