package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.TopicImage;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiError;

/** What the requests about single partitions have in common. Stateless. */
final class PartitionLookup {
    private PartitionLookup() {}

    /** The topic; null when it, or the partition, is not there. */
    static TopicImage topicOf(ClusterImage image, String topic, int partition) {
        return image.topic(topic)
                .filter(found ->
                        partition >= 0 && partition < found.partitions().size())
                .orElse(null);
    }

    /** Kafka's text for it. */
    static ApiError unknown(String topic, int partition) {
        return new ApiError(
                Errors.UNKNOWN_TOPIC_OR_PARTITION, "Unable to find partition " + topic + ":" + partition + ".");
    }

    static CompletionStage<ApiError> outcome(CompletionStage<?> change) {
        return change.handle((done, failure) -> failure == null ? ApiError.NONE : Failures.of(failure));
    }
}
