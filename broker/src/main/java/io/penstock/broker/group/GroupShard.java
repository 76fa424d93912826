package io.penstock.broker.group;

import io.penstock.broker.group.GroupRecord.Generation;
import io.penstock.broker.shard.ShardLog;
import io.penstock.broker.shard.ShardWriter;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Owner.Cancellable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of one partition of the offsets topic. First {@link #replay} rebuilds them from the log, then
 * {@link #activate} opens the doors; {@link #close} ends it when the partition is led elsewhere or its log broke, and
 * a new shard replays again. Everything runs on the partition's owner; replies come on it too.
 */
final class GroupShard {
    private static final Logger log = LoggerFactory.getLogger(GroupShard.class);

    private static final ShardWriter.Outcomes<GroupError> OUTCOMES = new ShardWriter.Outcomes<>(
            GroupError.NONE,
            GroupError.COORDINATOR_NOT_AVAILABLE,
            GroupError.INVALID_COMMIT_OFFSET_SIZE,
            GroupError.INVALID_PRODUCER_EPOCH,
            GroupError.NOT_COORDINATOR);

    private final int index;
    private final Owner owner;
    private final Clock clock;
    private final GroupConfig config;
    private final TopicView topics;
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private final CommittedIndex committed = new CommittedIndex();
    private final GroupTimers timers;
    private final Rebalance rebalance;
    private final Membership membership;
    private final OffsetKeeper offsets;
    /** Groups with offsets in undecided transactions, by producer. */
    private final Map<Long, Set<String>> inTransaction = new HashMap<>(0);

    private ShardWriter<GroupRecord, GroupError> writer;
    private Gate gate;
    private Cancellable expiryTimer;
    private boolean closed;

    GroupShard(
            int index,
            Owner owner,
            Clock clock,
            GroupConfig config,
            TopicView topics,
            Supplier<String> uniqueSuffixes) {
        this.index = index;
        this.owner = owner;
        this.clock = clock;
        this.config = config;
        this.topics = topics;
        this.timers = new GroupTimers(owner, clock);
        this.rebalance = new Rebalance(config, timers, this::appendGeneration);
        this.membership = new Membership(config, rebalance, timers, uniqueSuffixes);
        this.offsets = new OffsetKeeper(config, topics, () -> writer);
    }

    /** {@link OffsetsGate}, for this shard's partition. */
    interface Gate {
        void pass(OffsetsGate.TransactionMember client, boolean add, Runnable append, Consumer<GroupError> refused);
    }

    /** Before {@link #activate}. */
    void gate(Gate asked) {
        gate = asked;
    }

    /** Applies one record of the log; only before {@link #activate}. */
    void replay(GroupRecord record) {
        if (record instanceof GroupRecord.Offset offset) {
            if (offset.value() != null || groups.containsKey(offset.groupId())) {
                Group group = groups.computeIfAbsent(offset.groupId(), id -> new Group(id, clock.millis(), committed));
                group.offsets.replay(offset.key(), offset.value());
            }
        } else if (record instanceof GroupRecord.Pending pending) {
            Group group = groups.computeIfAbsent(pending.groupId(), id -> new Group(id, clock.millis(), committed));
            group.offsets.pending(
                    pending.producerId(),
                    pending.offset().key(),
                    pending.offset().value());
            notePending(pending.producerId(), group);
        } else if (record instanceof GroupRecord.TransactionEnd end) {
            transactionEnded(end.producerId(), end.commit());
        } else if (record instanceof GroupRecord.Metadata metadata) {
            if (metadata.value() == null) {
                Group gone = groups.remove(metadata.groupId());
                if (gone != null) {
                    gone.offsets.forget();
                }
            } else {
                Group group =
                        groups.computeIfAbsent(metadata.groupId(), id -> new Group(id, clock.millis(), committed));
                group.restore(metadata.value());
            }
        }
    }

    /**
     * Begins to serve.
     *
     * @param broken told when the log failed; the shard must then be closed and built anew
     */
    void activate(ShardLog<GroupRecord> records, Consumer<IOException> broken) {
        writer = new ShardWriter<>(records, OUTCOMES, config.compactionBytesMin(), this::liveState, broken);
        groups.values().removeIf(group -> group.appendedGeneration == null && group.offsets.isEmpty());
        for (Group group : groups.values()) {
            group.members().forEach(member -> timers.heard(group, member));
            offsets.loaded(group);
        }
        expiryTimer = scheduleExpiry();
        log.info("coordinates {} groups of partition {} of the offsets topic", groups.size(), index);
    }

    /** What its groups have committed; any thread. */
    CommittedIndex committed() {
        return committed;
    }

    /** Ends the shard: everybody who waits is sent to look for the coordinator. */
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (expiryTimer != null) {
            expiryTimer.cancel();
        }
        if (writer != null) {
            writer.close();
        }
        for (Group group : groups.values()) {
            rebalance.end(group, GroupError.NOT_COORDINATOR);
        }
        groups.clear();
    }

    void join(JoinRequest request, Consumer<JoinResult> reply) {
        GroupError error = closed ? GroupError.NOT_COORDINATOR : membership.validate(request);
        Group group = groups.get(request.groupId());
        if (error == GroupError.NONE && group == null) {
            if (!request.memberId().isEmpty()) {
                error = GroupError.UNKNOWN_MEMBER_ID;
            } else if (groups.size() >= config.groupsMax()) {
                error = GroupError.GROUP_MAX_SIZE_REACHED;
            }
        } else if (error == GroupError.NONE && group.deleting) {
            error = GroupError.COORDINATOR_NOT_AVAILABLE;
        }
        if (error != GroupError.NONE) {
            reply.accept(JoinResult.failed(request.memberId(), error));
            return;
        }
        Group target = groups.computeIfAbsent(request.groupId(), id -> new Group(id, clock.millis(), committed));
        membership.join(target, request, reply);
        dropIfUnused(target);
    }

    void sync(SyncRequest request, Consumer<SyncResult> reply) {
        Group group = groups.get(request.member().groupId());
        if (group == null) {
            reply.accept(SyncResult.failed(closed ? GroupError.NOT_COORDINATOR : GroupError.UNKNOWN_MEMBER_ID));
        } else {
            membership.sync(group, request, reply);
        }
    }

    GroupError heartbeat(GroupMemberId who) {
        Group group = groups.get(who.groupId());
        if (group == null) {
            return closed ? GroupError.NOT_COORDINATOR : GroupError.UNKNOWN_MEMBER_ID;
        }
        return membership.heartbeat(group, who);
    }

    LeaveResult leave(String groupId, List<LeaveResult.Leaving> leaving) {
        Group group = groups.get(groupId);
        if (closed) {
            return LeaveResult.failed(GroupError.NOT_COORDINATOR);
        }
        if (group == null) {
            return new LeaveResult(
                    GroupError.NONE,
                    leaving.stream()
                            .map(one -> new LeaveResult.Left(
                                    one.memberId(), one.instanceId(), GroupError.UNKNOWN_MEMBER_ID))
                            .toList());
        }
        return membership.leave(group, leaving);
    }

    /** Stores offsets; {@code reply} comes when they are committed, with one error for all of them. */
    void commit(GroupMemberId who, Map<TopicPartitionKey, CommittedOffset> values, Consumer<GroupError> reply) {
        Group group = groups.get(who.groupId());
        GroupError error = GroupError.NONE;
        if (closed) {
            error = GroupError.NOT_COORDINATOR;
        } else if (group == null && who.generation() >= 0) {
            error = GroupError.ILLEGAL_GENERATION;
        } else if (group == null && groups.size() >= config.groupsMax()) {
            error = GroupError.GROUP_MAX_SIZE_REACHED;
        } else if (group != null) {
            error = group.deleting ? GroupError.COORDINATOR_NOT_AVAILABLE : membership.mayCommit(group, who);
        }
        if (error != GroupError.NONE || values.isEmpty()) {
            reply.accept(error);
            return;
        }
        offsets.commit(
                groups.computeIfAbsent(who.groupId(), id -> new Group(id, clock.millis(), committed)),
                values,
                result -> reply.accept(result));
    }

    /** As {@link #commit}, for offsets that count when the transaction is committed. */
    void commitInTransaction(
            GroupMemberId who,
            OffsetsGate.TransactionMember client,
            boolean add,
            Map<TopicPartitionKey, CommittedOffset> values,
            Consumer<GroupError> reply) {
        GroupError error = mayCommitInTransaction(who);
        if (error != GroupError.NONE || values.isEmpty()) {
            reply.accept(error);
            return;
        }
        // The coordinator of the transaction is asked; meanwhile the group may have gone on to another generation.
        gate.pass(
                client,
                add,
                () -> {
                    GroupError now = mayCommitInTransaction(who);
                    if (now != GroupError.NONE) {
                        reply.accept(now);
                        return;
                    }
                    Group group = groups.computeIfAbsent(who.groupId(), id -> new Group(id, clock.millis(), committed));
                    notePending(client.producerId(), group);
                    offsets.commitInTransaction(group, client.producerId(), client.producerEpoch(), values, reply);
                },
                reply);
    }

    private GroupError mayCommitInTransaction(GroupMemberId who) {
        Group group = groups.get(who.groupId());
        if (closed) {
            return GroupError.NOT_COORDINATOR;
        } else if (group == null && who.generation() >= 0) {
            return GroupError.ILLEGAL_GENERATION;
        } else if (group == null) {
            return groups.size() >= config.groupsMax() ? GroupError.GROUP_MAX_SIZE_REACHED : GroupError.NONE;
        }
        return group.deleting ? GroupError.COORDINATOR_NOT_AVAILABLE : membership.mayCommitInTransaction(group, who);
    }

    private void notePending(long producerId, Group group) {
        inTransaction.computeIfAbsent(producerId, made -> new HashSet<>(2)).add(group.id);
    }

    /** The marker of a producer's transaction is committed in this partition. Idempotent. */
    void transactionEnded(long producerId, boolean commit) {
        Set<String> ids = inTransaction.remove(producerId);
        if (ids == null) {
            return;
        }
        for (String id : ids) {
            Group group = groups.get(id);
            if (group != null) {
                group.offsets.transactionEnded(producerId, commit);
            }
        }
    }

    /**
     * Reads offsets, after what was appended before is committed: who takes a partition over sees the last commit that
     * its former owner was allowed.
     *
     * @param keys null for all
     * @param stable whether offsets that an undecided transaction may change are to be told apart
     */
    void fetch(String groupId, List<TopicPartitionKey> keys, boolean stable, Consumer<OffsetFetchResult> reply) {
        if (closed) {
            reply.accept(OffsetFetchResult.failed(GroupError.NOT_COORDINATOR));
            return;
        }
        writer.afterAppends(() -> {
            Group group = groups.get(groupId);
            if (closed) {
                reply.accept(OffsetFetchResult.failed(GroupError.NOT_COORDINATOR));
            } else {
                reply.accept(new OffsetFetchResult(
                        GroupError.NONE,
                        group == null ? Map.of() : offsets.visible(group, keys),
                        group == null || !stable ? Set.of() : unstable(group, keys)));
            }
        });
    }

    private static Set<TopicPartitionKey> unstable(Group group, List<TopicPartitionKey> keys) {
        if (keys == null) {
            return group.offsets.unstable();
        }
        Set<TopicPartitionKey> found = new HashSet<>();
        for (TopicPartitionKey key : keys) {
            if (group.offsets.isUnstable(key)) {
                found.add(key);
            }
        }
        return found;
    }

    void deleteOffsets(String groupId, List<TopicPartitionKey> keys, Consumer<OffsetDeleteResult> reply) {
        Group group = groups.get(groupId);
        if (closed) {
            reply.accept(OffsetDeleteResult.failed(GroupError.NOT_COORDINATOR));
        } else if (group == null) {
            reply.accept(OffsetDeleteResult.failed(GroupError.GROUP_ID_NOT_FOUND));
        } else if (!group.is(GroupState.EMPTY) && !group.protocolType().equals(Subscription.PROTOCOL_TYPE)) {
            reply.accept(OffsetDeleteResult.failed(GroupError.NON_EMPTY_GROUP));
        } else {
            offsets.delete(group, keys, reply);
        }
    }

    List<GroupListing> list() {
        List<GroupListing> listed = new ArrayList<>(groups.size());
        for (Group group : groups.values()) {
            listed.add(new GroupListing(group.id, group.protocolType(), group.state()));
        }
        return listed;
    }

    GroupDescription describe(String groupId) {
        Group group = groups.get(groupId);
        if (closed || group == null) {
            return GroupDescription.failed(
                    groupId, closed ? GroupError.NOT_COORDINATOR : GroupError.GROUP_ID_NOT_FOUND);
        }
        boolean stable = group.is(GroupState.STABLE);
        List<GroupDescription.DescribedMember> members = new ArrayList<>();
        for (Member member : group.members()) {
            members.add(new GroupDescription.DescribedMember(
                    member.id,
                    member.instanceId,
                    member.clientId,
                    member.clientHost,
                    stable ? member.metadata(group.protocolName()) : new byte[0],
                    stable ? member.assignment : new byte[0]));
        }
        return new GroupDescription(
                GroupError.NONE,
                groupId,
                group.state(),
                group.protocolType(),
                stable ? group.protocolName() : "",
                members);
    }

    void delete(String groupId, Consumer<GroupError> reply) {
        Group group = groups.get(groupId);
        if (closed) {
            reply.accept(GroupError.NOT_COORDINATOR);
        } else if (groupId.isEmpty()) {
            reply.accept(GroupError.INVALID_GROUP_ID);
        } else if (group == null) {
            reply.accept(GroupError.GROUP_ID_NOT_FOUND);
        } else if (group.deleting || !group.is(GroupState.EMPTY) || !group.pendingMembers.isEmpty()) {
            reply.accept(GroupError.NON_EMPTY_GROUP);
        } else {
            delete(group, reply);
        }
    }

    private void delete(Group group, Consumer<GroupError> reply) {
        group.deleting = true;
        List<GroupRecord> tombstones = new ArrayList<>();
        for (TopicPartitionKey key : group.offsets.newest().keySet()) {
            tombstones.add(new GroupRecord.Offset(group.id, key, null));
        }
        tombstones.add(new GroupRecord.Metadata(group.id, null));
        writer.append(tombstones, error -> {
            group.deleting = false;
            if (error == GroupError.NONE) {
                groups.remove(group.id, group);
                group.offsets.forget();
                rebalance.end(group, GroupError.COORDINATOR_NOT_AVAILABLE);
            }
            reply.accept(error);
        });
    }

    private void appendGeneration(Group group, Generation generation, Consumer<GroupError> done) {
        Generation before = group.appendedGeneration;
        group.appendedGeneration = generation;
        writer.append(List.of(new GroupRecord.Metadata(group.id, generation)), error -> {
            if (error != GroupError.NONE && group.appendedGeneration == generation) {
                group.appendedGeneration = before;
            }
            done.accept(error);
        });
    }

    /** Forgets offsets of topics that are gone, or that are others now. */
    void topicsChanged() {
        if (!closed && writer != null) {
            groups.values().forEach(offsets::dropDeletedTopics);
        }
    }

    private Cancellable scheduleExpiry() {
        return owner.schedule(
                () -> {
                    expire();
                    expiryTimer = scheduleExpiry();
                },
                TimeUnit.MILLISECONDS.toNanos(config.offsetsRetentionCheckMillis()));
    }

    void expire() {
        long now = clock.millis();
        for (Group group : new ArrayList<>(groups.values())) {
            if (group.deleting) {
                continue;
            }
            offsets.expire(group, now);
            boolean idle = group.is(GroupState.EMPTY) && group.pendingMembers.isEmpty() && group.offsets.isEmpty();
            if (idle && group.appendedGeneration != null) {
                delete(group, error -> log.debug("group {} without offsets removed: {}", group.id, error));
            } else {
                dropIfUnused(group);
            }
        }
    }

    /** A group of which the log knows nothing and in which nobody is need not be kept. */
    private void dropIfUnused(Group group) {
        if (group.is(GroupState.EMPTY)
                && group.pendingMembers.isEmpty()
                && group.offsets.isEmpty()
                && group.appendedGeneration == null) {
            groups.remove(group.id, group);
        }
    }

    /** Live state in steps of at most one group each, as the log's end would give it. */
    private Iterator<List<GroupRecord>> liveState() {
        return new LiveState(new ArrayList<>(groups.keySet()), groups::get);
    }

    /** For tests. */
    Map<String, Group> groups() {
        return new HashMap<>(groups);
    }
}
