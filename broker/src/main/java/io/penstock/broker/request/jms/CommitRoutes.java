package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.protocol.message.CommitTerm;
import io.penstock.protocol.name.TemporaryName;
import java.util.Optional;
import java.util.UUID;

/** Who leads what a commit touches, and its home, by the newest image. Any thread may call. */
final class CommitRoutes {
    /** There is no leader now. */
    static final int NOBODY = -1;

    private final MetadataStore metadata;
    private final int brokerId;

    /** The leader of the decisions and the term for which it leads them. */
    record Home(int leader, CommitTerm term, boolean replicated) {}

    CommitRoutes(MetadataStore metadata, int brokerId) {
        this.metadata = metadata;
        this.brokerId = brokerId;
    }

    int self() {
        return brokerId;
    }

    Optional<PartitionImage> partition(UUID topicId, int partition) {
        Optional<TopicImage> topic = metadata.image().topic(topicId);
        return topic.isEmpty()
                        || partition < 0
                        || partition >= topic.get().partitions().size()
                ? Optional.empty()
                : Optional.of(topic.get().partitions().get(partition));
    }

    /** {@link #NOBODY} also for what is not known. */
    int leader(UUID topicId, int partition) {
        if (TemporaryName.isTemporary(topicId)) {
            int home = TemporaryName.brokerId(topicId);
            return home == brokerId || metadata.image().broker(home).isPresent() ? home : NOBODY;
        }
        return partition(topicId, partition).map(PartitionImage::leader).orElse(NOBODY);
    }

    boolean isKnown(UUID topicId, int partition) {
        return TemporaryName.isTemporary(topicId)
                ? leader(topicId, partition) != NOBODY
                : partition(topicId, partition).isPresent();
    }

    String topicName(UUID topicId) {
        return metadata.image().topic(topicId).map(TopicImage::name).orElse(topicId.toString());
    }

    boolean alone() {
        return metadata.image().brokers().size() <= 1;
    }

    /** This broker decides commits, and nobody ever will in its place. */
    boolean isHomeFixed() {
        return home().map(home -> home.leader() == brokerId && !home.replicated())
                .orElse(alone());
    }

    /** Who leads the subscriptions; {@link #NOBODY} while they have no leader, or there never was one. */
    int subscriptionsLeader() {
        return metadata.image()
                .topic(InternalTopics.SUBSCRIPTIONS)
                .map(topic -> topic.partitions().get(0).leader())
                .filter(leader -> leader >= 0)
                .orElse(NOBODY);
    }

    /** Empty while there is no home or nobody leads it. */
    Optional<Home> home() {
        ClusterImage image = metadata.image();
        Optional<TopicImage> topic = image.topic(InternalTopics.TRANSACTIONS);
        if (topic.isEmpty()) {
            return Optional.empty();
        }
        PartitionImage home = topic.get().partitions().get(0);
        Optional<BrokerImage> leader = image.broker(home.leader());
        return leader.map(broker ->
                new Home(broker.id(), new CommitTerm(home.leaderEpoch(), broker.startEpoch()), home.replicated()));
    }
}
