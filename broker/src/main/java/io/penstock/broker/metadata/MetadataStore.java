package io.penstock.broker.metadata;

import io.penstock.protocol.message.UpdatePartitionsRequest;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The port to the authority for what exists (ZooKeeper in production). All methods may be called from any thread and
 * never block; completions come on the store's own thread. A failure is a {@link MetadataException}.
 */
public interface MetadataStore extends AutoCloseable {

    /** The newest image; never null. */
    ClusterImage image();

    /** Is called with each new image, in order, on the store's thread; first with the present one. */
    void subscribe(Consumer<ClusterImage> listener);

    /** Registers this broker and joins the controller's election. */
    CompletionStage<Void> register(BrokerImage broker);

    /** Creates a topic; done when the authority has it and the local image shows it. Bursts share a round trip. */
    CompletionStage<TopicImage> createTopic(NewTopic topic);

    CompletionStage<Void> deleteTopic(UUID id);

    /** Grows a topic to {@code total} partitions; {@code assignments} may be null. */
    CompletionStage<TopicImage> createPartitions(UUID id, int total, List<List<Integer>> assignments);

    /** Sets (value) and removes (null) settings of a topic. */
    CompletionStage<Void> alterTopicConfig(UUID id, Map<String, String> changes);

    /** Sets (value) and removes (null) settings that {@link ClusterImage#brokerConfig} shows. */
    CompletionStage<Void> alterBrokerConfig(int brokerId, Map<String, String> changes);

    Map<String, String> brokerConfig(int brokerId);

    /**
     * Changes the ISR of a partition that this broker leads, by compare-and-set; gives the new state, which the image
     * shows by then. Changes of a burst share round trips.
     *
     * <p>Fails with STALE when state, leader epoch, or the life of an added replica differ from what the change rests
     * on (invariant 4): the image shows the present state by then, and the leader adopts it or steps down. With
     * UNAVAILABLE nobody knows yet whether it happened: until the image tells, both ISRs count (invariant 3).
     */
    CompletionStage<PartitionImage> changeIsr(UUID topicId, int partition, IsrChange change);

    /**
     * Elects a leader by hand; gives the new state, which the image shows by then.
     *
     * @param unclean whether any live replica may lead where nobody does; else the first replica is wanted
     */
    CompletionStage<PartitionImage> electLeader(UUID topicId, int partition, boolean unclean);

    /**
     * Begins to move a partition to other replicas, or ends that move where it stands; gives the new state, which the
     * image shows by then. The controller completes it ({@link Reassignment}).
     *
     * @param replicas null to go back to those before the move under way
     */
    CompletionStage<PartitionImage> reassign(UUID topicId, int partition, List<Integer> replicas);

    /**
     * Whether this broker may take itself for alive at {@code nanos} of its own monotonic clock: no other broker can
     * have seen its session expire until then (invariant 8). Any thread; costs one comparison.
     */
    boolean aliveAt(long nanos);

    /**
     * A controller's word, by a call from another broker. Fails with STALE when the call comes from an earlier
     * controller than this broker knows, or was meant for another life of this broker (invariant 7).
     */
    CompletionStage<Void> update(UpdatePartitionsRequest request);

    /**
     * Asks for leave before a stop: the controller moves leaderships away and takes this broker out of the ISRs. Done
     * when it leads no partition that another replica in sync could lead; may never be done, so that the caller bounds
     * it in time.
     */
    CompletionStage<Void> leave();

    /** Reserves a block of producer ids that nobody ever had; returns the first. */
    CompletionStage<Long> allocateProducerIds(int count);

    /**
     * The secret of the cluster, by which its brokers know what one of them has signed.
     *
     * @param proposed becomes it when there is none
     */
    default CompletionStage<byte[]> shareSecret(byte[] proposed) {
        return CompletableFuture.completedFuture(proposed);
    }

    /**
     * Takes a client id for a connection of this broker, unless a connection elsewhere has it (JMS-RULES 13). The same
     * connection may claim it again, also by another broker. It ends with this broker's session.
     */
    default CompletionStage<Boolean> claimClientId(String clientId, long connection) {
        return CompletableFuture.completedFuture(true);
    }

    /** Gives a client id back, if the connection still has it. */
    default void releaseClientId(String clientId, long connection) {}

    @Override
    void close();

    /**
     * @param partitions -1 for the configured number
     * @param replicationFactor -1 for the configured one
     * @param assignments replicas of each partition, or null to let the controller choose
     */
    record NewTopic(
            String name,
            int partitions,
            short replicationFactor,
            List<List<Integer>> assignments,
            Map<String, String> config) {}
}
