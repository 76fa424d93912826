package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.MetadataException;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;

/** Kafka's error codes for the authority's refusals: the one place that knows them. */
final class Failures {
    private Failures() {}

    static ApiError of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof MetadataException refused
                ? new ApiError(error(refused.reason()), refused.getMessage())
                : ApiError.fromThrowable(cause);
    }

    private static Errors error(MetadataException.Reason reason) {
        return switch (reason) {
            case TOPIC_EXISTS -> Errors.TOPIC_ALREADY_EXISTS;
            case NAME_COLLISION, INVALID_NAME -> Errors.INVALID_TOPIC_EXCEPTION;
            case INVALID_PARTITIONS -> Errors.INVALID_PARTITIONS;
            case INVALID_REPLICATION_FACTOR -> Errors.INVALID_REPLICATION_FACTOR;
            case INVALID_ASSIGNMENT -> Errors.INVALID_REPLICA_ASSIGNMENT;
            case INVALID_CONFIG -> Errors.INVALID_CONFIG;
            case UNKNOWN_TOPIC -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case NO_REASSIGNMENT -> Errors.NO_REASSIGNMENT_IN_PROGRESS;
            case ELECTION_NOT_NEEDED -> Errors.ELECTION_NOT_NEEDED;
            case PREFERRED_LEADER_NOT_AVAILABLE -> Errors.PREFERRED_LEADER_NOT_AVAILABLE;
            case ELIGIBLE_LEADERS_NOT_AVAILABLE -> Errors.ELIGIBLE_LEADERS_NOT_AVAILABLE;
            case DUPLICATE_BROKER -> Errors.DUPLICATE_BROKER_REGISTRATION;
            case WRONG_CLUSTER -> Errors.INCONSISTENT_CLUSTER_ID;
            // Retriable: clients ask again until their own time is up.
            case UNAVAILABLE -> Errors.REQUEST_TIMED_OUT;
            case STALE -> Errors.INVALID_UPDATE_VERSION;
        };
    }
}
