package io.penstock.broker.request.log;

import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.LogException;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.protocol.Errors;

/** Kafka's error codes for what partitions and logs refuse: the one place that knows them. */
final class LogErrors {
    private LogErrors() {}

    static Errors of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof LogException refused) {
            return of(refused.reason());
        }
        if (cause instanceof PartitionUnavailableException unavailable) {
            return switch (unavailable.reason()) {
                case UNKNOWN -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
                case NOT_LEADER -> Errors.NOT_LEADER_OR_FOLLOWER;
                case OFFLINE -> Errors.KAFKA_STORAGE_ERROR;
                case NOT_ENOUGH_REPLICAS -> Errors.NOT_ENOUGH_REPLICAS;
                case NOT_ENOUGH_REPLICAS_AFTER_APPEND -> Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND;
            };
        }
        // Clients retry this one: a full disk is emptied, and what waits goes on by itself.
        if (cause instanceof DiskFullException || cause instanceof java.io.IOException) {
            return Errors.KAFKA_STORAGE_ERROR;
        }
        return Errors.forException(cause);
    }

    private static Errors of(LogException.Reason reason) {
        return switch (reason) {
            case CORRUPT_BATCH -> Errors.CORRUPT_MESSAGE;
            case UNSUPPORTED_COMPRESSION -> Errors.UNSUPPORTED_COMPRESSION_TYPE;
            case INVALID_RECORD, UNSUPPORTED_FORMAT -> Errors.INVALID_RECORD;
            case BATCH_TOO_LARGE -> Errors.MESSAGE_TOO_LARGE;
            case OUT_OF_ORDER_SEQUENCE -> Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
            case UNKNOWN_PRODUCER -> Errors.UNKNOWN_PRODUCER_ID;
            case FENCED_PRODUCER_EPOCH -> Errors.INVALID_PRODUCER_EPOCH;
            case FENCED_COORDINATOR -> Errors.TRANSACTION_COORDINATOR_FENCED;
            case INVALID_TRANSACTION_STATE -> Errors.INVALID_TXN_STATE;
            case FENCED_LEADER_EPOCH -> Errors.FENCED_LEADER_EPOCH;
            case OFFSET_OUT_OF_RANGE -> Errors.OFFSET_OUT_OF_RANGE;
            case OFFLINE -> Errors.KAFKA_STORAGE_ERROR;
        };
    }

    /** What a client's idea of the leader epoch says against ours; -1 means that it has none. */
    static Errors epoch(int current, int claimed) {
        if (claimed < 0 || claimed == current) {
            return Errors.NONE;
        }
        return claimed < current ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
    }
}
