package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.concurrent.CompletableFuture;

/** This broker's leave before a stop: over when the controller has nothing left to move away. On the store's thread. */
final class Departure {
    private final int brokerId;
    private final ControllerRules rules;
    /** Null before the stop. */
    private CompletableFuture<Void> over;

    Departure(int brokerId, ControllerRules rules) {
        this.brokerId = brokerId;
        this.rules = rules;
    }

    void begin(CompletableFuture<Void> future) {
        over = future;
    }

    /** After each image: tells who waits for the leave. */
    void follow(ClusterImage image) {
        boolean asked = over != null
                && !over.isDone()
                && image.broker(brokerId).map(BrokerImage::leaving).orElse(false);
        if (asked && !holdsMore(image)) {
            over.complete(null);
        }
    }

    private boolean holdsMore(ClusterImage image) {
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.replicated()
                        && partition.isr().contains(brokerId)
                        && rules.settled(image, topic, partition) != partition) {
                    return true;
                }
            }
        }
        return false;
    }
}
