package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.metadata.TopicPlan;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * One change that somebody asked for: which writes it needs, given the image, and what the image is after it. Lives in
 * {@link ChangeQueue}, on the store's thread. Planned anew when the image turns out to be stale.
 *
 * @param <T> what its future gives
 */
abstract sealed class Change<T>
        permits Change.CreateTopic,
                Change.DeleteTopic,
                Change.GrowTopic,
                Change.ConfigureTopic,
                Change.ConfigureBroker,
                StateChange {
    final CompletableFuture<T> future = new CompletableFuture<>();
    final long deadlineNanos;
    int attempts;
    /** It was written, and the answer was lost: it may have happened. */
    boolean uncertain;

    Change(long deadlineNanos) {
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * What to write; nothing when it has happened already.
     *
     * @param controllerEpoch of this broker as the controller, -1 when it is not
     * @param wishes topics with a node below {@code /admin/delete_topics}
     * @param versions of the nodes that the image was read from
     * @throws MetadataException when it is refused
     */
    abstract Writes plan(ClusterImage image, int controllerEpoch, Set<String> wishes, NodeVersions versions);

    /** The image after what was planned last; the same image when only the controller can complete it. */
    abstract PersistentClusterImage apply(PersistentClusterImage image);

    /** True when the image shows it, so that whoever asked may be told. */
    abstract boolean shown(ClusterImage image);

    abstract T result(ClusterImage image);

    /** The topic it is about, whose nodes are read again when a write is refused; null for others. */
    abstract String topicName();

    void complete(ClusterImage image) {
        future.complete(result(image));
    }

    private static void states(Writes writes, TopicImage topic, int first, int controllerEpoch) {
        for (PartitionImage partition :
                topic.partitions().subList(first, topic.partitions().size())) {
            writes.create(ZNodes.partition(topic.name(), partition.index()), null);
            writes.create(ZNodes.state(topic.name(), partition.index()), ZNodeJson.state(partition, controllerEpoch));
        }
    }

    private static boolean hasAllStates(TopicImage topic) {
        return topic.partitions().stream().allMatch(p -> p.leaderEpoch() != ClusterLoader.NO_EPOCH);
    }

    static TopicImage existing(ClusterImage image, UUID id) {
        return image.topic(id)
                .orElseThrow(() -> new MetadataException(Reason.UNKNOWN_TOPIC, "There is no topic with id " + id));
    }

    /** The controller makes a topic whole; another broker only names it, and the controller adds the states. */
    static final class CreateTopic extends Change<TopicImage> {
        private final NewTopic topic;
        private final UUID id;
        private TopicImage planned;
        private boolean whole;

        CreateTopic(NewTopic topic, UUID id, long deadlineNanos) {
            super(deadlineNanos);
            this.topic = topic;
            this.id = id;
        }

        @Override
        Writes plan(ClusterImage image, int controllerEpoch, Set<String> wishes, NodeVersions versions) {
            if (uncertain && image.topic(id).isPresent()) {
                return Writes.none();
            }
            planned = TopicPlan.create(image, topic, id);
            whole = controllerEpoch >= 0;
            Writes writes = new Writes();
            writes.create(ZNodes.topic(topic.name()), ZNodeJson.topic(planned));
            writes.create(ZNodes.partitions(topic.name()), null);
            writes.create(ZNodes.identity(topic.name(), id), null);
            if (whole) {
                states(writes, planned, 0, controllerEpoch);
            }
            if (!planned.config().isEmpty()) {
                versions.replace(writes, ZNodes.topicConfig(topic.name()), ZNodeJson.config(planned.config()));
            }
            return writes;
        }

        @Override
        PersistentClusterImage apply(PersistentClusterImage image) {
            return whole ? image.withTopic(planned) : image;
        }

        @Override
        boolean shown(ClusterImage image) {
            return image.topic(id).map(Change::hasAllStates).orElse(false);
        }

        @Override
        TopicImage result(ClusterImage image) {
            return image.topic(id).orElseThrow();
        }

        @Override
        String topicName() {
            return topic.name();
        }
    }

    /** The controller removes a topic; another broker leaves a wish for it. */
    static final class DeleteTopic extends Change<Void> {
        private final UUID id;
        private TopicImage doomed;
        private boolean whole;

        DeleteTopic(UUID id, long deadlineNanos) {
            super(deadlineNanos);
            this.id = id;
        }

        @Override
        Writes plan(ClusterImage image, int controllerEpoch, Set<String> wishes, NodeVersions versions) {
            if (uncertain && image.topic(id).isEmpty()) {
                return Writes.none();
            }
            doomed = existing(image, id);
            String name = doomed.name();
            whole = controllerEpoch >= 0;
            Writes writes = new Writes();
            if (!whole) {
                if (!wishes.contains(name)) {
                    writes.create(ZNodes.deletion(name), ZNodeJson.text("id", id.toString()));
                }
                return writes;
            }
            for (PartitionImage partition : doomed.partitions()) {
                if (partition.leaderEpoch() != ClusterLoader.NO_EPOCH) {
                    writes.delete(ZNodes.state(name, partition.index()), -1);
                    writes.delete(ZNodes.partition(name, partition.index()), -1);
                }
            }
            writes.delete(ZNodes.partitions(name), -1);
            writes.delete(ZNodes.identity(name, id), -1);
            writes.delete(ZNodes.topic(name), -1);
            if (versions.exists(ZNodes.topicConfig(name))) {
                writes.delete(ZNodes.topicConfig(name), -1);
            }
            if (wishes.contains(name)) {
                writes.delete(ZNodes.deletion(name), -1);
            }
            return writes;
        }

        @Override
        PersistentClusterImage apply(PersistentClusterImage image) {
            return whole && image.topic(id).isPresent() ? image.withTopics(List.of(), List.of(doomed.name())) : image;
        }

        @Override
        boolean shown(ClusterImage image) {
            return image.topic(id).isEmpty();
        }

        @Override
        Void result(ClusterImage image) {
            return null;
        }

        @Override
        String topicName() {
            return doomed == null ? null : doomed.name();
        }
    }

    /** More partitions: the topic's znode names them, the controller adds their states. */
    static final class GrowTopic extends Change<TopicImage> {
        private final UUID id;
        private final int total;
        private final List<List<Integer>> assignments;
        private TopicImage planned;
        private boolean whole;

        GrowTopic(UUID id, int total, List<List<Integer>> assignments, long deadlineNanos) {
            super(deadlineNanos);
            this.id = id;
            this.total = total;
            this.assignments = assignments;
        }

        @Override
        Writes plan(ClusterImage image, int controllerEpoch, Set<String> wishes, NodeVersions versions) {
            TopicImage topic = existing(image, id);
            if (uncertain && topic.partitions().size() >= total) {
                return Writes.none();
            }
            planned = TopicPlan.grow(image, topic, total, assignments);
            whole = controllerEpoch >= 0;
            Writes writes = new Writes();
            versions.replace(writes, ZNodes.topic(topic.name()), ZNodeJson.topic(planned));
            if (whole) {
                states(writes, planned, topic.partitions().size(), controllerEpoch);
            }
            return writes;
        }

        @Override
        PersistentClusterImage apply(PersistentClusterImage image) {
            return whole && image.topic(id).isPresent() ? image.withTopic(planned) : image;
        }

        @Override
        boolean shown(ClusterImage image) {
            return image.topic(id)
                    .map(topic -> topic.partitions().size() >= total && hasAllStates(topic))
                    .orElse(true);
        }

        @Override
        TopicImage result(ClusterImage image) {
            return existing(image, id);
        }

        @Override
        String topicName() {
            return planned == null ? null : planned.name();
        }
    }

    /** A topic's settings; any broker writes them. */
    static final class ConfigureTopic extends Change<Void> {
        private final UUID id;
        private final Map<String, String> changes;
        private TopicImage planned;

        ConfigureTopic(UUID id, Map<String, String> changes, long deadlineNanos) {
            super(deadlineNanos);
            this.id = id;
            this.changes = changes;
        }

        @Override
        Writes plan(ClusterImage image, int controllerEpoch, Set<String> wishes, NodeVersions versions) {
            TopicImage topic = existing(image, id);
            planned = TopicPlan.configure(topic, changes);
            Writes writes = new Writes();
            writes.check(ZNodes.topic(topic.name()), -1);
            writes.check(ZNodes.identity(topic.name(), id), -1);
            versions.replace(writes, ZNodes.topicConfig(topic.name()), ZNodeJson.config(planned.config()));
            return writes;
        }

        @Override
        PersistentClusterImage apply(PersistentClusterImage image) {
            return image.topic(id).isPresent() ? image.withTopic(planned) : image;
        }

        @Override
        boolean shown(ClusterImage image) {
            return true;
        }

        @Override
        Void result(ClusterImage image) {
            return null;
        }

        @Override
        String topicName() {
            return planned == null ? null : planned.name();
        }
    }

    /**
     * Settings of one broker, of all, or of destinations. A node stays when its last setting goes: made again, its versions
     * would begin anew.
     */
    static final class ConfigureBroker extends Change<Void> {
        private final int brokerId;
        private final Map<String, String> changes;
        private Map<String, String> planned;

        ConfigureBroker(int brokerId, Map<String, String> changes, long deadlineNanos) {
            super(deadlineNanos);
            this.brokerId = brokerId;
            this.changes = changes;
        }

        @Override
        Writes plan(ClusterImage image, int controllerEpoch, Set<String> wishes, NodeVersions versions) {
            Map<String, String> present = image.brokerConfig(brokerId);
            planned = TopicPlan.changed(present, changes);
            Writes writes = new Writes();
            versions.replace(writes, ZNodes.brokerConfig(brokerId), ZNodeJson.config(planned));
            return writes;
        }

        @Override
        PersistentClusterImage apply(PersistentClusterImage image) {
            return image.withBrokerConfig(brokerId, planned);
        }

        @Override
        boolean shown(ClusterImage image) {
            return true;
        }

        @Override
        Void result(ClusterImage image) {
            return null;
        }

        @Override
        String topicName() {
            return null;
        }
    }
}
