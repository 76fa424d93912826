package io.penstock.broker.zookeeper;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.Election;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.metadata.TopicNames;
import java.util.function.Supplier;

/**
 * What the settings in force make of the pure rules of {@code broker.metadata}. Keeps nothing but where to look; on the
 * store's thread.
 */
final class ControllerRules {
    private final BrokerSettings file;
    private final Supplier<? extends ClusterImage> image;

    /** @param file the broker's settings; what was set at run time is taken from the image */
    ControllerRules(BrokerSettings file, Supplier<? extends ClusterImage> image) {
        this.file = file;
        this.image = image;
    }

    BrokerSettings settings() {
        ClusterImage now = image.get();
        return file.withDynamic(now.brokerConfig(-1), now.brokerConfig(file.brokerId()));
    }

    /** {@code min.insync.replicas} that holds for a topic. */
    int minIsr(TopicImage topic) {
        return (int) TopicConfigs.number("min.insync.replicas", topic.config(), settings());
    }

    /** The state that a partition should have; the same object when it has it. */
    PartitionImage settled(ClusterImage of, TopicImage topic, PartitionImage partition) {
        BrokerSettings now = settings();
        return Election.settle(
                of,
                partition,
                (int) TopicConfigs.number("min.insync.replicas", topic.config(), now),
                Boolean.parseBoolean(TopicConfigs.value("unclean.leader.election.enable", topic.config(), now)));
    }

    /** The topic with so many replicas as are configured, unless it says how many. */
    NewTopic withReplicas(NewTopic topic) {
        if (topic.replicationFactor() != -1 || topic.assignments() != null) {
            return topic;
        }
        BrokerSettings now = settings();
        String internal = TopicNames.internal(topic.name()) ? now.value("offsets.topic.replication.factor") : null;
        return new NewTopic(
                topic.name(),
                topic.partitions(),
                internal == null
                        ? (short) now.intValue("default.replication.factor")
                        : Short.parseShort(internal.trim()),
                null,
                topic.config());
    }
}
