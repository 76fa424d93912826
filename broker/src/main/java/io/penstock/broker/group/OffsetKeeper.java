package io.penstock.broker.group;

import io.penstock.broker.shard.ShardWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores, reads and forgets offsets for the groups of one shard. Owner thread only. */
final class OffsetKeeper {
    private static final Logger log = LoggerFactory.getLogger(OffsetKeeper.class);

    private final GroupConfig config;
    private final TopicView topics;
    private final Supplier<ShardWriter<GroupRecord, GroupError>> writer;
    /**
     * Ids of topics that existed at some time in this shard's life. An offset of another topic is kept until its time
     * runs out: that the topic is not seen may only mean that it is not seen yet.
     */
    private final Set<UUID> seen = new HashSet<>();

    OffsetKeeper(GroupConfig config, TopicView topics, Supplier<ShardWriter<GroupRecord, GroupError>> writer) {
        this.config = config;
        this.topics = topics;
        this.writer = writer;
    }

    void loaded(Group group) {
        group.offsets.all().forEach((key, value) -> note(key));
    }

    private void note(TopicPartitionKey key) {
        UUID id = topics.idOf(key.topic());
        if (id != null) {
            seen.add(id);
        }
    }

    void commit(Group group, Map<TopicPartitionKey, CommittedOffset> values, Consumer<GroupError> done) {
        List<GroupRecord> records = new ArrayList<>(values.size());
        List<GroupOffsets.Appended> tokens = new ArrayList<>(values.size());
        values.forEach((key, value) -> {
            records.add(new GroupRecord.Offset(group.id, key, value));
            tokens.add(group.offsets.append(key, value));
            note(key);
        });
        append(group, records, tokens, done);
    }

    /** As {@link #commit}, with offsets that count when the producer's transaction is committed. */
    void commitInTransaction(
            Group group,
            long producerId,
            short producerEpoch,
            Map<TopicPartitionKey, CommittedOffset> values,
            Consumer<GroupError> done) {
        List<GroupRecord> records = new ArrayList<>(values.size());
        values.forEach((key, value) -> {
            records.add(
                    new GroupRecord.Pending(producerId, producerEpoch, new GroupRecord.Offset(group.id, key, value)));
            group.offsets.pending(producerId, key, value);
            note(key);
        });
        writer.get().append(records, error -> {
            if (error != GroupError.NONE) {
                values.forEach((key, value) -> group.offsets.pendingFailed(producerId, key, value));
            }
            done.accept(error);
        });
    }

    private void append(
            Group group, List<GroupRecord> records, List<GroupOffsets.Appended> tokens, Consumer<GroupError> done) {
        writer.get().append(records, error -> {
            tokens.forEach(error == GroupError.NONE ? group.offsets::committed : group.offsets::failed);
            done.accept(error);
        });
    }

    /** Committed offsets of topics that are the same still. */
    Map<TopicPartitionKey, CommittedOffset> visible(Group group, List<TopicPartitionKey> keys) {
        Map<TopicPartitionKey, CommittedOffset> found = new LinkedHashMap<>();
        if (keys == null) {
            group.offsets.all().forEach((key, value) -> {
                if (!isOfAnotherTopic(key, value)) {
                    found.put(key, value);
                }
            });
            return found;
        }
        for (TopicPartitionKey key : keys) {
            group.offsets
                    .find(key)
                    .filter(value -> !isOfAnotherTopic(key, value))
                    .ifPresent(value -> found.put(key, value));
        }
        return found;
    }

    private boolean isOfAnotherTopic(TopicPartitionKey key, CommittedOffset value) {
        UUID now = topics.idOf(key.topic());
        return now != null && value.topicId() != null && !now.equals(value.topicId());
    }

    private boolean isOfDeletedTopic(TopicPartitionKey key, CommittedOffset value) {
        UUID now = topics.idOf(key.topic());
        if (now != null) {
            seen.add(now);
        }
        return value.topicId() != null && (now == null ? seen.contains(value.topicId()) : !now.equals(value.topicId()));
    }

    void dropDeletedTopics(Group group) {
        drop(group, this::isOfDeletedTopic, "their topics are gone");
    }

    /**
     * Forgets offsets whose time has run out: those of an empty group from when it became empty, those of topics that
     * no member reads, those of consumers that are in no group from their commit on.
     */
    void expire(Group group, long nowMillis) {
        long horizon = nowMillis - config.offsetsRetentionMillis();
        if (group.is(GroupState.EMPTY)) {
            boolean hadMembers = !group.protocolType().isEmpty();
            drop(
                    group,
                    (key, value) -> value.commitMillis() <= horizon && (!hadMembers || group.stateMillis() <= horizon),
                    "their time ran out");
        } else if (group.is(GroupState.STABLE)) {
            Set<String> subscribed = group.subscribedTopics();
            if (subscribed != null) {
                drop(
                        group,
                        (key, value) -> value.commitMillis() <= horizon && !subscribed.contains(key.topic()),
                        "nobody subscribes to them");
            }
        }
    }

    private void drop(Group group, BiPredicate<TopicPartitionKey, CommittedOffset> which, String why) {
        List<TopicPartitionKey> keys = new ArrayList<>();
        group.offsets.newest().forEach((key, value) -> {
            if (which.test(key, value)) {
                keys.add(key);
            }
        });
        if (keys.isEmpty()) {
            return;
        }
        log.info("forgets {} offsets of group {}: {}", keys.size(), group.id, why);
        forget(group, keys, error -> {
            if (error != GroupError.NONE) {
                log.warn("offsets of group {} could not be forgotten, which is tried again: {}", group.id, error);
            }
        });
    }

    private void forget(Group group, List<TopicPartitionKey> keys, Consumer<GroupError> done) {
        List<GroupRecord> records = new ArrayList<>(keys.size());
        List<GroupOffsets.Appended> tokens = new ArrayList<>(keys.size());
        for (TopicPartitionKey key : keys) {
            records.add(new GroupRecord.Offset(group.id, key, null));
            tokens.add(group.offsets.append(key, null));
        }
        append(group, records, tokens, done);
    }

    /** Forgets offsets on request, but not those of topics that members read. */
    void delete(Group group, List<TopicPartitionKey> keys, Consumer<OffsetDeleteResult> reply) {
        Set<String> subscribed = group.is(GroupState.EMPTY) ? Set.of() : group.subscribedTopics();
        Map<TopicPartitionKey, GroupError> results = new LinkedHashMap<>();
        List<TopicPartitionKey> known = new ArrayList<>();
        for (TopicPartitionKey key : keys) {
            boolean read = subscribed == null || subscribed.contains(key.topic());
            results.put(key, read ? GroupError.GROUP_SUBSCRIBED_TO_TOPIC : GroupError.NONE);
            if (!read && group.offsets.newest().containsKey(key)) {
                known.add(key);
            }
        }
        if (known.isEmpty()) {
            reply.accept(new OffsetDeleteResult(GroupError.NONE, results));
            return;
        }
        forget(
                group,
                known,
                error -> reply.accept(
                        error == GroupError.NONE
                                ? new OffsetDeleteResult(GroupError.NONE, results)
                                : OffsetDeleteResult.failed(error)));
    }
}
