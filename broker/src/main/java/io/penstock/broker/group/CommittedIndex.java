package io.penstock.broker.group;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The committed offsets of one shard by partition, for retention, which asks on other owners' threads. Written by the
 * shard's owner; holds no more entries than the shard's groups do.
 */
final class CommittedIndex {
    private final Map<TopicPartitionKey, Map<String, CommittedOffset>> byPartition = new ConcurrentHashMap<>();

    void put(TopicPartitionKey key, String groupId, CommittedOffset value) {
        byPartition.computeIfAbsent(key, made -> new ConcurrentHashMap<>(2)).put(groupId, value);
    }

    void remove(TopicPartitionKey key, String groupId) {
        byPartition.computeIfPresent(key, (same, groups) -> {
            groups.remove(groupId);
            return groups.isEmpty() ? null : groups;
        });
    }

    /** Any thread; {@link Long#MAX_VALUE} when no group has committed an offset of this topic. */
    long least(TopicPartitionKey key, UUID topicId) {
        long least = Long.MAX_VALUE;
        for (CommittedOffset offset : byPartition.getOrDefault(key, Map.of()).values()) {
            if (offset.topicId() == null || offset.topicId().equals(topicId)) {
                least = Math.min(least, offset.offset());
            }
        }
        return least;
    }
}
