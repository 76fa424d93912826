package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest image and who listens to it. What is read from ZooKeeper, what is written from here and what a controller
 * calls come together here: of two states of a partition the one with the later version stays. On the store's thread,
 * but for {@link #now}.
 */
final class LiveImage {
    private static final Logger LOG = LoggerFactory.getLogger(LiveImage.class);

    /** What a state says to this broker: not that it leads by the word of an earlier life. */
    private final UnaryOperator<PartitionImage> seenFromHere;

    private final List<Consumer<ClusterImage>> listeners = new ArrayList<>();
    private volatile PersistentClusterImage image = PersistentClusterImage.empty("");

    LiveImage(UnaryOperator<PartitionImage> seenFromHere) {
        this.seenFromHere = seenFromHere;
    }

    /** Any thread. */
    PersistentClusterImage now() {
        return image;
    }

    void begin(String clusterId) {
        image = PersistentClusterImage.empty(clusterId);
    }

    void subscribe(Consumer<ClusterImage> listener) {
        listeners.add(listener);
        listener.accept(image);
    }

    void close() {
        listeners.clear();
    }

    /** @return whether it is another than before */
    boolean publish(PersistentClusterImage next) {
        if (next == image) {
            return false;
        }
        image = next.published();
        for (Consumer<ClusterImage> listener : listeners) {
            try {
                listener.accept(image);
            } catch (RuntimeException e) {
                LOG.error("a listener failed on a new image of the cluster", e);
            }
        }
        return true;
    }

    /**
     * The image with states that were written, where they are newer than what is known.
     *
     * @param unknown told the names of topics that have to be read
     * @param shown told the others
     */
    PersistentClusterImage with(
            Collection<StateUpdate> updates, Consumer<String> unknown, Consumer<StateUpdate> shown) {
        Map<UUID, TopicImage> changed = new LinkedHashMap<>();
        Map<UUID, List<PartitionImage>> partitions = new HashMap<>();
        for (StateUpdate update : updates) {
            PartitionKey key = update.key();
            TopicImage topic = image.topic(key.topicId()).orElse(null);
            if (topic == null || key.index() >= topic.partitions().size()) {
                unknown.accept(key.topic());
                continue;
            }
            List<PartitionImage> now =
                    partitions.computeIfAbsent(topic.id(), id -> new ArrayList<>(topic.partitions()));
            if (now.get(key.index()).version() < update.state().version()) {
                now.set(key.index(), seenFromHere.apply(update.state()));
                changed.put(topic.id(), topic);
            }
            shown.accept(update);
        }
        if (changed.isEmpty()) {
            return image;
        }
        return image.withTopics(
                changed.values().stream()
                        .map(topic -> new TopicImage(
                                topic.name(), topic.id(), List.copyOf(partitions.get(topic.id())), topic.config()))
                        .toList(),
                List.of());
    }

    /**
     * What was read, except where {@code before} is newer: by a write or a call that overtook the reading. Leaderships
     * that an earlier life of this process had are left out.
     */
    TopicImage newest(PersistentClusterImage before, TopicImage read) {
        TopicImage known = before.topic(read.id()).orElse(null);
        List<PartitionImage> partitions = new ArrayList<>(read.partitions().size());
        for (PartitionImage partition : read.partitions()) {
            PartitionImage present =
                    known != null && partition.index() < known.partitions().size()
                            ? known.partitions().get(partition.index())
                            : partition;
            partitions.add(seenFromHere.apply(present.version() > partition.version() ? present : partition));
        }
        return new TopicImage(read.name(), read.id(), List.copyOf(partitions), read.config());
    }

    /** Topics in which this broker may lead by the word of this life, and does not in the image: names. */
    List<String> hiddenLeaderships(int brokerId, long startEpoch) {
        return image.topics().stream()
                .filter(topic -> topic.partitions().stream()
                        .anyMatch(partition -> partition.replicated()
                                && partition.leader() < 0
                                && partition.stamps().getOrDefault(brokerId, -1L) >= startEpoch))
                .map(TopicImage::name)
                .toList();
    }
}
