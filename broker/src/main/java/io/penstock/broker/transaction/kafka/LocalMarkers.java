package io.penstock.broker.transaction.kafka;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.storage.log.LogException;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Writes markers to partitions that this broker leads; those of others are tried again until they are led here, or
 * gone. Any thread may call.
 */
public final class LocalMarkers implements MarkerPort {
    private final Supplier<ClusterImage> image;
    private final Partitions partitions;
    private volatile Listener listener = (partition, marker) -> {};

    /** Who keeps state of transactions in a partition. */
    public interface Listener {
        /** The marker is committed; called on the partition's owner, in the order of the markers. */
        void ended(TransactionPartition partition, Marker marker);
    }

    public LocalMarkers(Supplier<ClusterImage> image, Partitions partitions) {
        this.image = image;
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
                open -> end(open, marker, failure -> {
                    if (failure != null) {
                        done.accept(outcome(failure));
                        return;
                    }
                    listener.ended(partition, marker);
                    // The coordinator forgets the transaction then: with no flush policy may a power cut undo its end.
                    open.log().onForced(lost -> done.accept(lost == null ? Outcome.COMMITTED : Outcome.FAILED));
                }),
                failure ->
                        done.accept(image.get().topic(partition.topicId()).isEmpty() ? Outcome.GONE : Outcome.FAILED));
    }

    private static void end(Partition open, Marker marker, Consumer<IOException> done) {
        open.transactions()
                .end(
                        marker.commit(),
                        marker.producer().producerId(),
                        marker.producer().epoch(),
                        marker.coordinatorEpoch(),
                        marker.version() >= Transaction.WITH_EPOCH_BUMP,
                        (append, failure) -> done.accept(failure));
    }

    private static Outcome outcome(IOException failure) {
        boolean fenced = failure instanceof LogException refused
                && (refused.reason() == LogException.Reason.FENCED_PRODUCER_EPOCH
                        || refused.reason() == LogException.Reason.FENCED_COORDINATOR);
        return fenced ? Outcome.FENCED : Outcome.FAILED;
    }
}
