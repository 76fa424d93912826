package io.penstock.broker.metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A topic of the cluster.
 *
 * @param config only what was set for the topic itself; defaults come from the broker
 */
public record TopicImage(String name, UUID id, List<PartitionImage> partitions, Map<String, String> config) {

    /** Topic configuration that tells a queue from a JMS topic; absent for topics made by Kafka clients. */
    public static final String KIND = "penstock.kind";

    /** The topic with another state of one partition. */
    public TopicImage withPartition(PartitionImage partition) {
        List<PartitionImage> changed = new ArrayList<>(partitions);
        changed.set(partition.index(), partition);
        return new TopicImage(name, id, List.copyOf(changed), config);
    }

    /** Kept by the broker for itself: clients see it flagged, and neither make nor delete it. */
    public boolean internal() {
        return TopicNames.internal(name);
    }
}
