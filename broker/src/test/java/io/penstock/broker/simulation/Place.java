package io.penstock.broker.simulation;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import java.util.Optional;

/** A partition by name. */
record Place(String topic, int partition) {

    /** Empty while the image shows none. */
    Optional<PartitionImage> in(ClusterImage image) {
        return image.topic(topic)
                .filter(found -> partition < found.partitions().size())
                .map(found -> found.partitions().get(partition));
    }

    @Override
    public String toString() {
        return topic + "-" + partition;
    }
}
