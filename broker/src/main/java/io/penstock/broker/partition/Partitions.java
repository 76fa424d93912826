package io.penstock.broker.partition;

import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The partitions that this broker leads. Any thread may call. */
public interface Partitions {

    /**
     * The partition, opened at first use; completes on its owner's thread, so that what follows may touch it.
     * Fails with {@link PartitionUnavailableException} when this broker does not lead it.
     */
    CompletionStage<Partition> partition(UUID topicId, int index);

    /**
     * The short way for a hot path: runs {@code task} on the owner with the partition if it is open (at once when
     * the caller is the owner), else opens it first.
     *
     * @param failed gets the reason, on any thread, when the partition cannot be had
     */
    void with(UUID topicId, int index, Consumer<Partition> task, Consumer<Throwable> failed);

    /** Partitions that are open now, for periodic work; each is to be used on its own owner only. */
    Iterable<Partition> open();
}
