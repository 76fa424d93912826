package io.penstock.broker.group;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The offsets of one group: what is committed, which readers see, and what has been appended and not yet committed.
 * Owner thread only.
 */
final class GroupOffsets {
    private final String groupId;
    private final CommittedIndex index;
    private final Map<TopicPartitionKey, CommittedOffset> committed = new LinkedHashMap<>();
    private final Map<TopicPartitionKey, Appended> appended = new HashMap<>();
    /** Offsets in undecided transactions, by producer; appended, and committed or about to be. */
    private final Map<Long, Map<TopicPartitionKey, CommittedOffset>> pending = new HashMap<>(0);

    GroupOffsets(String groupId, CommittedIndex index) {
        this.groupId = groupId;
        this.index = index;
    }

    /** Notes an append that is under way; the returned token ends it. */
    Appended append(TopicPartitionKey key, CommittedOffset value) {
        Appended token = new Appended(key, Optional.ofNullable(value));
        appended.put(key, token);
        return token;
    }

    void committed(Appended token) {
        replay(token.key, token.value.orElse(null));
        appended.remove(token.key, token);
    }

    void failed(Appended token) {
        appended.remove(token.key, token);
    }

    /** Notes an offset that counts when its transaction is committed. */
    void pending(long producerId, TopicPartitionKey key, CommittedOffset value) {
        pending.computeIfAbsent(producerId, made -> new LinkedHashMap<>()).put(key, value);
    }

    /** An append that failed. */
    void pendingFailed(long producerId, TopicPartitionKey key, CommittedOffset value) {
        pending.computeIfPresent(producerId, (same, values) -> {
            values.remove(key, value);
            return values.isEmpty() ? null : values;
        });
    }

    /** The producer's transaction is decided. */
    void transactionEnded(long producerId, boolean commit) {
        Map<TopicPartitionKey, CommittedOffset> values = pending.remove(producerId);
        if (values != null && commit) {
            values.forEach(this::replay);
        }
    }

    /** Whether an undecided transaction would change the offset. */
    boolean isUnstable(TopicPartitionKey key) {
        return pending.values().stream().anyMatch(values -> values.containsKey(key));
    }

    Set<TopicPartitionKey> unstable() {
        Set<TopicPartitionKey> keys = new LinkedHashSet<>();
        pending.values().forEach(values -> keys.addAll(values.keySet()));
        return keys;
    }

    void replay(TopicPartitionKey key, CommittedOffset value) {
        if (value == null) {
            committed.remove(key);
            index.remove(key, groupId);
        } else {
            committed.put(key, value);
            index.put(key, groupId, value);
        }
    }

    /** The group is gone. */
    void forget() {
        committed.keySet().forEach(key -> index.remove(key, groupId));
        committed.clear();
        pending.clear();
    }

    Optional<CommittedOffset> find(TopicPartitionKey key) {
        return Optional.ofNullable(committed.get(key));
    }

    Map<TopicPartitionKey, CommittedOffset> all() {
        return committed;
    }

    boolean isEmpty() {
        return committed.isEmpty() && appended.isEmpty() && pending.isEmpty();
    }

    /** What a replay of the log to its very end would give: rewriting live state must not bring older values back. */
    Map<TopicPartitionKey, CommittedOffset> newest() {
        Map<TopicPartitionKey, CommittedOffset> newest = new LinkedHashMap<>(committed);
        appended.forEach(
                (key, token) -> token.value.ifPresentOrElse(value -> newest.put(key, value), () -> newest.remove(key)));
        return newest;
    }

    /** One append under way; compared by identity, since a later append of the same key replaces it. */
    static final class Appended {
        private final TopicPartitionKey key;
        private final Optional<CommittedOffset> value;

        private Appended(TopicPartitionKey key, Optional<CommittedOffset> value) {
            this.key = key;
            this.value = value;
        }
    }
}
