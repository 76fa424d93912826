package io.penstock.broker.transaction.kafka;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.partition.Partitions;
import io.penstock.storage.log.LogException;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Writes markers to partitions that this broker leads; those of others are tried again until they are led here, or
 * gone. Any thread may call.
 */
public final class LocalMarkers implements MarkerPort {
    private final MetadataStore metadata;
    private final Partitions partitions;
    private volatile Listener listener = (partition, marker) -> {};

    /** Who keeps state of transactions in a partition. */
    public interface Listener {
        /** The marker is committed; called on the partition's owner, in the order of the markers. */
        void ended(TransactionPartition partition, Marker marker);
    }

    public LocalMarkers(MetadataStore metadata, Partitions partitions) {
        this.metadata = metadata;
        this.partitions = partitions;
    }

    /** Before the first marker. */
    public void tell(Listener told) {
        listener = told;
    }

    @Override
    public void write(TransactionPartition partition, Marker marker, Consumer<Outcome> done) {
        partitions.with(
                partition.topicId(),
                partition.index(),
                open -> open.transactions()
                        .end(
                                marker.commit(),
                                marker.producer().producerId(),
                                marker.producer().epoch(),
                                marker.coordinatorEpoch(),
                                marker.version() >= Transaction.WITH_EPOCH_BUMP,
                                (append, failure) -> {
                                    if (failure == null) {
                                        listener.ended(partition, marker);
                                    }
                                    done.accept(failure == null ? Outcome.COMMITTED : outcome(failure));
                                }),
                failure -> done.accept(
                        metadata.image().topic(partition.topicId()).isEmpty() ? Outcome.GONE : Outcome.FAILED));
    }

    private static Outcome outcome(IOException failure) {
        boolean fenced = failure instanceof LogException refused
                && (refused.reason() == LogException.Reason.FENCED_PRODUCER_EPOCH
                        || refused.reason() == LogException.Reason.FENCED_COORDINATOR);
        return fenced ? Outcome.FENCED : Outcome.FAILED;
    }
}
