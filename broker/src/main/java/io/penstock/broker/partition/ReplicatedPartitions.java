package io.penstock.broker.partition;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The port to who keeps partitions that have several replicas; implemented by {@code broker.replication}. */
public interface ReplicatedPartitions {

    /** Where nothing is replicated. */
    ReplicatedPartitions NONE = new ReplicatedPartitions() {
        @Override
        public Owner owner(UUID topicId, int index) throws PartitionUnavailableException {
            throw new PartitionUnavailableException(
                    PartitionUnavailableException.Reason.OFFLINE, "this broker does not keep replicas");
        }

        @Override
        public void lead(UUID topicId, int index, Consumer<Led> led, Consumer<Throwable> failed) {
            failed.accept(new PartitionUnavailableException(
                    PartitionUnavailableException.Reason.OFFLINE, "this broker does not keep replicas"));
        }

        @Override
        public void follow(ClusterImage image, ClusterImage before) {
            // There is nothing to follow.
        }

        @Override
        public void release(UUID topicId, int index, CompletableFuture<?> released) {
            // Nobody waits for it.
        }
    };

    /** Whose thread a replica belongs to, for as long as the broker runs. Any thread. */
    Owner owner(UUID topicId, int index) throws PartitionUnavailableException;

    /**
     * Gives the leadership of a partition, its logs opened if they were not; any thread.
     *
     * @param led on the partition's owner
     * @param failed on the partition's owner, when this broker does not lead it, or its logs cannot be opened
     */
    void lead(UUID topicId, int index, Consumer<Led> led, Consumer<Throwable> failed);

    /** Applies a new image, after {@code before} (null for the first); on the metadata store's thread. */
    void follow(ClusterImage image, ClusterImage before);

    /**
     * A partition had one replica and gets more: its logs may be opened when those who used them have let go of them.
     * Before {@link #follow} with the image that says so.
     */
    void release(UUID topicId, int index, CompletableFuture<?> released);

    /** A leadership: of one leader epoch. Owner thread only. */
    interface Led {
        int leaderEpoch();

        /** Its durability is replication. */
        PartitionLog records();

        /** Its durability is replication; opened at first use, done when all that was there before is committed. */
        CompletionStage<PartitionLog> ledger();

        /** The records' log as this broker alone has it. */
        PartitionLog local();

        /** False while fewer replicas are in sync than {@code min.insync.replicas}. */
        boolean enoughReplicas();

        /** False while this broker may have been taken for dead without knowing it (invariant 8). */
        boolean serving();

        /** One of the logs is of no use any more. */
        void failed(IOException cause);

        /**
         * Tells how the leadership goes on.
         *
         * @param lost it is over
         * @param tooFew fewer replicas are in sync now than must be
         * @param servingAgain {@link #serving} is true again
         */
        void tell(Consumer<PartitionUnavailableException> lost, Runnable tooFew, Runnable servingAgain);
    }
}
