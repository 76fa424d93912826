package io.penstock.broker.group;

import java.util.Map;

/** Committed offsets; partitions without one are left out. */
public record OffsetFetchResult(GroupError error, Map<TopicPartitionKey, CommittedOffset> offsets) {
    static OffsetFetchResult failed(GroupError error) {
        return new OffsetFetchResult(error, Map.of());
    }
}
