package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.AcquisitionLostException;
import io.penstock.broker.delivery.DeliveryFailedException;
import io.penstock.broker.group.SubscriptionException;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.partition.LargeMessages;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.broker.replication.PeerException;
import io.penstock.broker.transaction.RolledBackException;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockError;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.LogException;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one table from what goes wrong in the broker to what a JMS client is told. */
final class FrontErrors {
    private static final Logger LOG = LoggerFactory.getLogger(FrontErrors.class);

    private FrontErrors() {}

    /** Never null, never {@link PenstockError#NONE}. What nobody expected is logged here. */
    static PenstockError error(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof FrontException refused) {
            return refused.error();
        }
        if (cause instanceof LogException refused) {
            return of(refused.reason());
        }
        if (cause instanceof DiskFullException) {
            return PenstockError.STORAGE_FULL;
        }
        if (cause instanceof DeliveryFailedException && cause.getCause() instanceof PartitionUnavailableException) {
            return error(cause.getCause());
        }
        if (cause instanceof PartitionUnavailableException unavailable) {
            return switch (unavailable.reason()) {
                case UNKNOWN -> PenstockError.UNKNOWN_DESTINATION;
                case NOT_LEADER -> PenstockError.NOT_LEADER;
                case OFFLINE -> PenstockError.STORAGE_FAILED;
                case NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND -> PenstockError.NOT_ENOUGH_REPLICAS;
            };
        }
        if (cause instanceof MetadataException refused) {
            return of(refused.reason());
        }
        if (cause instanceof SubscriptionException refused) {
            return switch (refused.reason()) {
                case IN_USE -> PenstockError.SUBSCRIPTION_IN_USE;
                case UNKNOWN -> PenstockError.UNKNOWN_SUBSCRIPTION;
                case CONFLICT -> PenstockError.SUBSCRIPTION_CONFLICT;
                case LIMIT_EXCEEDED -> PenstockError.LIMIT_EXCEEDED;
            };
        }
        if (cause instanceof AcquisitionLostException) {
            return PenstockError.ACQUISITION_LOST;
        }
        if (cause instanceof MalformedMessageException) {
            return PenstockError.INVALID_REQUEST;
        }
        if (cause instanceof PeerException peer) {
            return peer.reason() == PeerException.Reason.REFUSED ? peer.error() : PenstockError.TIMED_OUT;
        }
        if (cause instanceof LargeMessages.PiecesGoneException) {
            return PenstockError.PIECES_GONE;
        }
        if (cause instanceof LargeMessages.TooManyException) {
            return PenstockError.LIMIT_EXCEEDED;
        }
        if (cause instanceof RolledBackException) {
            return PenstockError.TRANSACTION_ROLLED_BACK;
        }
        if (cause instanceof IOException) {
            LOG.warn("Storage failed", cause);
            return PenstockError.STORAGE_FAILED;
        }
        LOG.error("A request of a JMS client failed unexpectedly", cause);
        return PenstockError.INTERNAL;
    }

    static String message(Throwable failure) {
        Throwable cause = unwrap(failure);
        return cause.getMessage() != null
                ? cause.getMessage()
                : cause.getClass().getSimpleName();
    }

    private static PenstockError of(LogException.Reason reason) {
        return switch (reason) {
            case CORRUPT_BATCH, UNSUPPORTED_FORMAT, UNSUPPORTED_COMPRESSION, INVALID_RECORD, OFFSET_OUT_OF_RANGE ->
                PenstockError.INVALID_RECORD;
            case BATCH_TOO_LARGE -> PenstockError.MESSAGE_TOO_LARGE;
            case OUT_OF_ORDER_SEQUENCE, UNKNOWN_PRODUCER -> PenstockError.OUT_OF_ORDER_SEQUENCE;
            case FENCED_PRODUCER_EPOCH, FENCED_COORDINATOR, INVALID_TRANSACTION_STATE -> PenstockError.FENCED;
            case FENCED_LEADER_EPOCH -> PenstockError.NOT_LEADER;
            case OFFLINE -> PenstockError.STORAGE_FAILED;
        };
    }

    private static PenstockError of(MetadataException.Reason reason) {
        return switch (reason) {
            case NAME_COLLISION, INVALID_NAME, INVALID_PARTITIONS, INVALID_CONFIG, TOPIC_EXISTS ->
                PenstockError.INVALID_DESTINATION;
            case UNKNOWN_TOPIC -> PenstockError.UNKNOWN_DESTINATION;
            case UNAVAILABLE, STALE -> PenstockError.TIMED_OUT;
            case INVALID_REPLICATION_FACTOR,
                    INVALID_ASSIGNMENT,
                    NO_REASSIGNMENT,
                    ELECTION_NOT_NEEDED,
                    PREFERRED_LEADER_NOT_AVAILABLE,
                    ELIGIBLE_LEADERS_NOT_AVAILABLE,
                    DUPLICATE_BROKER,
                    WRONG_CLUSTER -> PenstockError.INTERNAL;
        };
    }

    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
