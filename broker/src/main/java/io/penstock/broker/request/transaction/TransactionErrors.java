package io.penstock.broker.request.transaction;

import io.penstock.broker.transaction.kafka.TransactionError;
import org.apache.kafka.common.protocol.Errors;

/** The one place where the transaction coordinator's errors become Kafka's. */
public final class TransactionErrors {
    private TransactionErrors() {}

    public static Errors of(TransactionError error) {
        return Errors.valueOf(error.name());
    }

    /** For clients that are older than PRODUCER_FENCED: they know the same by another name. */
    static Errors of(TransactionError error, boolean knowsFenced) {
        return error == TransactionError.PRODUCER_FENCED && !knowsFenced ? Errors.INVALID_PRODUCER_EPOCH : of(error);
    }

    /**
     * For Produce, when its transaction's coordinator did not let a batch pass.
     *
     * @param abortable whether the client knows errors after which it must abort
     * @param adds whether the client leaves it to the broker to add partitions, and so knows what is concurrent
     */
    public static Errors ofProduce(TransactionError error, boolean abortable, boolean adds) {
        return switch (error) {
            case NONE -> Errors.NONE;
            case PRODUCER_FENCED -> Errors.INVALID_PRODUCER_EPOCH;
            case INVALID_TXN_STATE -> abortable ? Errors.TRANSACTION_ABORTABLE : Errors.INVALID_TXN_STATE;
            case CONCURRENT_TRANSACTIONS -> adds ? Errors.CONCURRENT_TRANSACTIONS : Errors.NOT_ENOUGH_REPLICAS;
            // Every client retries this one, without looking for another leader.
            case COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR -> Errors.NOT_ENOUGH_REPLICAS;
            default -> of(error);
        };
    }
}
