package io.penstock.broker.group;

import io.penstock.broker.group.GroupRecord.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a generation forms: members join, the leader assigns, the assignment is logged, then members get it. Owner thread
 * only.
 */
final class Rebalance implements GroupTimers.Expiry {
    private static final Logger log = LoggerFactory.getLogger(Rebalance.class);

    private final GroupConfig config;
    private final GroupTimers timers;
    private final GenerationLog generations;

    /** The port to the log. */
    interface GenerationLog {
        /** Logs the generation; {@code done} gets {@link GroupError#NONE} when it is committed. */
        void append(Group group, Generation generation, Consumer<GroupError> done);
    }

    Rebalance(GroupConfig config, GroupTimers timers, GenerationLog generations) {
        this.config = config;
        this.timers = timers;
        this.generations = generations;
        timers.tell(this);
    }

    /** Takes a new member in. */
    void admit(Group group, Member member, JoinRequest request, Consumer<JoinResult> reply) {
        group.add(member, request.protocolType());
        member.isNew = true;
        member.awaitingJoin = reply;
        group.joinedSinceDelay = true;
        timers.heardNew(group, member);
        prepareOrGoOn(group, "member " + member.id + " joins");
    }

    /** A member joins again, which begins a rebalance unless one has begun. */
    void readmit(Group group, Member member, JoinRequest request, Consumer<JoinResult> reply) {
        member.update(request);
        // An older try of the same member is answered, or its connection would wait for ever.
        member.replyJoin(JoinResult.failed(member.id, GroupError.REBALANCE_IN_PROGRESS));
        member.awaitingJoin = reply;
        timers.heard(group, member);
        prepareOrGoOn(group, "member " + member.id + " joins again");
    }

    /** A static member's new incarnation takes the old one's place, without a rebalance where possible (KIP-345). */
    void replaceStatic(Group group, Member old, Member fresh, JoinRequest request, Consumer<JoinResult> reply) {
        byte[] formerMetadata = old.metadata(group.protocolName());
        old.replyJoin(JoinResult.failed(old.id, GroupError.FENCED_INSTANCE_ID));
        old.replySync(SyncResult.failed(GroupError.FENCED_INSTANCE_ID));
        old.cancelTimer();
        String formerLeader = group.leaderId();
        group.replace(old, fresh);
        timers.heard(group, fresh);
        boolean goesOn = group.is(GroupState.STABLE)
                && group.selectProtocol().equals(group.protocolName())
                && sameSubscription(formerMetadata, fresh.metadata(group.protocolName()));
        if (!goesOn) {
            fresh.awaitingJoin = reply;
            fresh.isNew = true;
            prepareOrGoOn(group, "static member " + fresh.instanceId + " came back as " + fresh.id);
            return;
        }
        generations.append(group, group.toGeneration(null, timers.nowMillis()), error -> {
            if (error != GroupError.NONE) {
                fresh.cancelTimer();
                if (group.member(fresh.id) == fresh) {
                    group.replace(fresh, old);
                    timers.heard(group, old);
                }
                reply.accept(JoinResult.failed("", error));
                return;
            }
            JoinResult joined = joined(group, fresh);
            // A leader that cannot be told to skip is told that the former incarnation leads: it then only follows.
            reply.accept(
                    request.skipAssignmentKnown()
                            ? withSkip(joined, group.isLeader(fresh.id))
                            : withLeader(joined, formerLeader));
        });
    }

    private static boolean sameSubscription(byte[] former, byte[] now) {
        Set<String> topics = Subscription.topics(now);
        return java.util.Arrays.equals(former, now) || (topics != null && topics.equals(Subscription.topics(former)));
    }

    private static JoinResult withSkip(JoinResult result, boolean skip) {
        return new JoinResult(
                result.error(),
                result.generation(),
                result.protocolType(),
                result.protocolName(),
                result.leaderId(),
                skip,
                result.memberId(),
                result.members());
    }

    private static JoinResult withLeader(JoinResult result, String leaderId) {
        return new JoinResult(
                result.error(),
                result.generation(),
                result.protocolType(),
                result.protocolName(),
                leaderId,
                false,
                result.memberId(),
                List.of());
    }

    private void prepareOrGoOn(Group group, String why) {
        if (group.is(GroupState.PREPARING_REBALANCE)) {
            tryComplete(group);
        } else {
            prepare(group, why);
        }
    }

    private void prepare(Group group, String why) {
        log.info("group {} (generation {}) rebalances: {}", group.id, group.generation(), why);
        if (group.is(GroupState.COMPLETING_REBALANCE)) {
            dropAssignments(group, GroupError.REBALANCE_IN_PROGRESS);
        }
        timers.cancelSyncs(group);
        group.pendingSync.clear();
        boolean first = group.is(GroupState.EMPTY);
        group.become(GroupState.PREPARING_REBALANCE, timers.nowMillis());
        if (first) {
            int delay = config.initialRebalanceDelayMillis();
            group.initialDelayLeftMillis = Math.max(group.rebalanceTimeoutMillis() - delay, 0);
            group.joinedSinceDelay = false;
            timers.awaitJoins(group, delay);
        } else {
            timers.awaitJoins(group, group.rebalanceTimeoutMillis());
            tryComplete(group);
        }
    }

    /** Ends the phase of joining when nobody is missing; the first phase of a group always lasts its delay. */
    void tryComplete(Group group) {
        if (group.is(GroupState.PREPARING_REBALANCE) && group.initialDelayLeftMillis < 0 && group.allJoined()) {
            timers.cancelJoins(group);
            complete(group);
        }
    }

    @Override
    public void joinTimeEnded(Group group) {
        if (!group.is(GroupState.PREPARING_REBALANCE)) {
            return;
        }
        if (group.initialDelayLeftMillis > 0 && group.joinedSinceDelay) {
            int delay = Math.min(config.initialRebalanceDelayMillis(), group.initialDelayLeftMillis);
            group.initialDelayLeftMillis -= delay;
            group.joinedSinceDelay = false;
            timers.awaitJoins(group, delay);
        } else {
            complete(group);
        }
    }

    private void complete(Group group) {
        group.initialDelayLeftMillis = -1;
        for (Member member : new ArrayList<>(group.members())) {
            if (member.awaitingJoin == null && !member.isStatic()) {
                log.info("group {} goes on without {}, which did not join again", group.id, member.id);
                discard(group, member);
            }
        }
        if (!group.hasNoMembers() && !group.electJoinedLeader()) {
            // Only static members that are away: their sessions decide.
            timers.awaitJoins(group, group.rebalanceTimeoutMillis());
            return;
        }
        group.nextGeneration(timers.nowMillis());
        if (group.hasNoMembers()) {
            log.info("group {} is empty in generation {}", group.id, group.generation());
            generations.append(group, group.toGeneration(null, timers.nowMillis()), error -> {
                if (error != GroupError.NONE) {
                    log.warn("that group {} is empty could not be logged: {}", group.id, error);
                }
            });
            return;
        }
        log.info(
                "group {} has {} members in generation {}, leader {}",
                group.id,
                group.members().size(),
                group.generation(),
                group.leaderId());
        for (Member member : new ArrayList<>(group.members())) {
            group.pendingSync.add(member.id);
            boolean joined = member.awaitingJoin != null;
            member.isNew = false;
            if (joined) {
                timers.heard(group, member);
            }
            member.replyJoin(joined(group, member));
        }
        timers.awaitSyncs(group, group.rebalanceTimeoutMillis());
    }

    JoinResult joined(Group group, Member member) {
        return new JoinResult(
                GroupError.NONE,
                group.generation(),
                group.protocolType(),
                group.protocolName(),
                group.leaderId(),
                false,
                member.id,
                group.isLeader(member.id) ? group.joinedMembers() : List.of());
    }

    /** The member asked for its assignment in time. */
    void synced(Group group, Member member) {
        group.pendingSync.remove(member.id);
        if (group.pendingSync.isEmpty()) {
            timers.cancelSyncs(group);
        }
    }

    /** Logs the leader's assignment, and then gives it to those who wait. */
    void assign(Group group, Generation generation, Map<String, byte[]> assignments) {
        generations.append(group, generation, error -> {
            if (!group.is(GroupState.COMPLETING_REBALANCE) || group.generation() != generation.generation()) {
                return;
            }
            if (error != GroupError.NONE) {
                assignmentFailed(group, error);
                return;
            }
            group.become(GroupState.STABLE, generation.stateMillis());
            for (Member member : new ArrayList<>(group.members())) {
                member.assignment = assignments.getOrDefault(member.id, new byte[0]);
                if (member.awaitingSync != null) {
                    timers.heard(group, member);
                    member.replySync(assigned(group, member));
                }
            }
        });
    }

    SyncResult assigned(Group group, Member member) {
        return new SyncResult(GroupError.NONE, group.protocolType(), group.protocolName(), member.assignment);
    }

    void assignmentFailed(Group group, GroupError error) {
        log.warn("the assignment of group {} (generation {}) failed: {}", group.id, group.generation(), error);
        dropAssignments(group, error);
        prepare(group, "the assignment failed");
    }

    private static void dropAssignments(Group group, GroupError error) {
        for (Member member : new ArrayList<>(group.members())) {
            member.assignment = new byte[0];
            member.replySync(SyncResult.failed(error));
        }
    }

    /** Takes a member out, and gives its share to the others. */
    void remove(Group group, Member member, String why) {
        discard(group, member);
        switch (group.state()) {
            case STABLE, COMPLETING_REBALANCE -> prepare(group, "member " + member.id + " " + why);
            case PREPARING_REBALANCE -> tryComplete(group);
            case EMPTY, DEAD -> {}
        }
    }

    private static void discard(Group group, Member member) {
        group.remove(member);
        member.cancelTimer();
        member.replyJoin(JoinResult.failed(member.id, GroupError.UNKNOWN_MEMBER_ID));
        member.replySync(SyncResult.failed(GroupError.UNKNOWN_MEMBER_ID));
    }

    @Override
    public void sessionEnded(Group group, Member member) {
        remove(group, member, "was not heard of for " + member.sessionTimeoutMillis + " ms");
    }

    @Override
    public void pendingMemberGone(Group group) {
        tryComplete(group);
    }

    @Override
    public void syncTimeEnded(Group group, int generation) {
        boolean current = group.generation() == generation
                && (group.is(GroupState.COMPLETING_REBALANCE) || group.is(GroupState.STABLE));
        if (!current || group.pendingSync.isEmpty()) {
            return;
        }
        for (String memberId : List.copyOf(group.pendingSync)) {
            Member member = group.member(memberId);
            if (member != null) {
                discard(group, member);
            }
        }
        prepare(group, "members did not ask for their assignment");
    }

    /** Ends the group here: everybody who waits looks for the coordinator again. */
    void end(Group group, GroupError error) {
        timers.cancelAll(group);
        for (Member member : new ArrayList<>(group.members())) {
            member.replyJoin(JoinResult.failed(member.id, error));
            member.replySync(SyncResult.failed(error));
        }
        group.become(GroupState.DEAD, timers.nowMillis());
    }
}
