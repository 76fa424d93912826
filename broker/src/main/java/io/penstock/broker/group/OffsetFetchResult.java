package io.penstock.broker.group;

import java.util.Map;
import java.util.Set;

/**
 * Committed offsets; partitions without one are left out.
 *
 * @param unstable partitions whose offset an undecided transaction may change; only when that was asked for
 */
public record OffsetFetchResult(
        GroupError error, Map<TopicPartitionKey, CommittedOffset> offsets, Set<TopicPartitionKey> unstable) {
    static OffsetFetchResult failed(GroupError error) {
        return new OffsetFetchResult(error, Map.of(), Set.of());
    }
}
