package io.penstock.broker.zookeeper;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.Election;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.Reassignment;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.metadata.TopicNames;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the settings in force make of the pure rules of {@code broker.metadata}. Keeps nothing but where to look; on the
 * store's thread.
 */
final class ControllerRules {
    private static final String TRANSACTION_STATE = "__transaction_state";

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
        int minIsr = (int) TopicConfigs.number("min.insync.replicas", topic.config(), now);
        PartitionImage elected = Election.settle(
                of,
                partition,
                minIsr,
                Boolean.parseBoolean(TopicConfigs.value("unclean.leader.election.enable", topic.config(), now)));
        if (elected != partition || partition.leaderEpoch() == ClusterLoader.NO_EPOCH) {
            return elected;
        }
        if (partition.reassigning()) {
            Optional<PartitionImage> completed = Reassignment.complete(of, partition, minIsr);
            if (completed.isPresent()) {
                return completed.get();
            }
        }
        return TopicNames.internal(topic.name())
                ? Reassignment.spread(of, topic.name(), partition, factor(now, topic.name()))
                        .orElse(partition)
                : partition;
    }

    private static int factor(BrokerSettings now, String topic) {
        if (TopicNames.internal(topic)) {
            String key = topic.equals(TRANSACTION_STATE)
                    ? "transaction.state.log.replication.factor"
                    : "offsets.topic.replication.factor";
            String value = now.value(key);
            if (value != null) {
                return Integer.parseInt(value.trim());
            }
        }
        return now.intValue("default.replication.factor");
    }

    /** The topic with so many partitions and replicas as are configured, unless it says how many. */
    NewTopic withDefaults(NewTopic topic) {
        if (topic.assignments() != null || (topic.partitions() != -1 && topic.replicationFactor() != -1)) {
            return topic;
        }
        BrokerSettings now = settings();
        int partitions = topic.partitions() == -1 ? now.intValue("num.partitions") : topic.partitions();
        short factor = topic.replicationFactor() == -1 ? (short) factor(now, topic.name()) : topic.replicationFactor();
        return new NewTopic(topic.name(), partitions, factor, null, topic.config());
    }
}
