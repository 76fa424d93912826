package io.penstock.broker.group;

import java.util.Map;

/** The answer to OffsetDelete: an error of the whole request, or one for each partition. */
public record OffsetDeleteResult(GroupError error, Map<TopicPartitionKey, GroupError> partitions) {
    static OffsetDeleteResult failed(GroupError error) {
        return new OffsetDeleteResult(error, Map.of());
    }
}
