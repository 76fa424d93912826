package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.SettledRetention;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.UUID;
import java.util.function.Supplier;

/** What a topic's configuration says of settled records. Asked each time, for it may change, and Kafka's groups commit. */
final class TopicRetention implements SettledRetention {
    private final Supplier<ClusterImage> image;
    private final JmsFront.LeastCommitted kafkaGroups;
    private final UUID topicId;
    private final int partition;

    TopicRetention(Supplier<ClusterImage> image, JmsFront.LeastCommitted kafkaGroups, UUID topicId, int partition) {
        this.image = image;
        this.kafkaGroups = kafkaGroups;
        this.topicId = topicId;
        this.partition = partition;
    }

    @Override
    public long releasableBelow() {
        TopicImage topic = image.get().topic(topicId).orElse(null);
        return topic != null && Destinations.consumed(topic)
                ? kafkaGroups.offset(topicId, topic.name(), partition)
                : KEEP.releasableBelow();
    }

    @Override
    public long settledMillis() {
        return image.get().topic(topicId).map(Destinations::settledMillis).orElse(0L);
    }
}
