package io.penstock.broker.group;

import io.penstock.broker.group.GroupRecord.Generation;
import io.penstock.broker.group.LeaveResult.Leaving;
import io.penstock.broker.group.LeaveResult.Left;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How members come and go: JoinGroup, SyncGroup, Heartbeat, LeaveGroup and the sessions between them, for the groups of
 * one shard. What time does to a group is in {@link GroupTimers}, how a generation forms in {@link Rebalance}. Owner
 * thread only; replies are called on it, at once or later.
 */
final class Membership {
    private static final int MEMBER_ID_PREFIX_MAX = 200;

    private final GroupConfig config;
    private final Rebalance rebalance;
    private final GroupTimers timers;
    private final Supplier<String> uniqueSuffixes;

    Membership(GroupConfig config, Rebalance rebalance, GroupTimers timers, Supplier<String> uniqueSuffixes) {
        this.config = config;
        this.rebalance = rebalance;
        this.timers = timers;
        this.uniqueSuffixes = uniqueSuffixes;
    }

    /** What can be said about a join before looking at the group. */
    GroupError validate(JoinRequest request) {
        if (request.groupId().isEmpty()) {
            return GroupError.INVALID_GROUP_ID;
        }
        if (request.sessionTimeoutMillis() < config.sessionTimeoutMinMillis()
                || request.sessionTimeoutMillis() > config.sessionTimeoutMaxMillis()) {
            return GroupError.INVALID_SESSION_TIMEOUT;
        }
        long bytes = 0;
        for (JoinRequest.Protocol protocol : request.protocols()) {
            bytes += protocol.name().length() + protocol.metadata().length;
        }
        if (request.protocolType().isEmpty()
                || request.protocols().isEmpty()
                || bytes > config.memberMetadataBytesMax()) {
            return GroupError.INCONSISTENT_GROUP_PROTOCOL;
        }
        return GroupError.NONE;
    }

    void join(Group group, JoinRequest request, Consumer<JoinResult> reply) {
        if (request.memberId().isEmpty()) {
            joinNew(group, request, reply);
        } else {
            joinKnown(group, request, reply);
        }
    }

    private void joinNew(Group group, JoinRequest request, Consumer<JoinResult> reply) {
        Member predecessor = request.instanceId() == null
                ? null
                : group.member(nullToEmpty(group.memberOfInstance(request.instanceId())));
        if (predecessor == null && group.size() >= config.membersMax()) {
            reply.accept(JoinResult.failed("", GroupError.GROUP_MAX_SIZE_REACHED));
        } else if (!group.accepts(request.protocolType(), request.protocols())) {
            reply.accept(JoinResult.failed("", GroupError.INCONSISTENT_GROUP_PROTOCOL));
        } else if (predecessor != null) {
            rebalance.replaceStatic(
                    group, predecessor, new Member(newMemberId(request.instanceId()), request), request, reply);
        } else if (request.instanceId() != null) {
            rebalance.admit(group, new Member(newMemberId(request.instanceId()), request), request, reply);
        } else if (request.memberIdRequired()) {
            String id = newMemberId(request.clientId());
            timers.awaitPendingMember(group, id, request.sessionTimeoutMillis());
            reply.accept(JoinResult.failed(id, GroupError.MEMBER_ID_REQUIRED));
        } else {
            rebalance.admit(group, new Member(newMemberId(request.clientId()), request), request, reply);
        }
    }

    private void joinKnown(Group group, JoinRequest request, Consumer<JoinResult> reply) {
        String memberId = request.memberId();
        if (group.pendingMembers.containsKey(memberId)) {
            if (request.instanceId() != null) {
                reply.accept(JoinResult.failed(memberId, GroupError.UNKNOWN_MEMBER_ID));
            } else if (!group.accepts(request.protocolType(), request.protocols())) {
                reply.accept(JoinResult.failed(memberId, GroupError.INCONSISTENT_GROUP_PROTOCOL));
            } else {
                timers.forgetPendingMember(group, memberId);
                rebalance.admit(group, new Member(memberId, request), request, reply);
            }
            return;
        }
        GroupError error = whoIs(group, memberId, request.instanceId());
        if (error != GroupError.NONE) {
            reply.accept(JoinResult.failed(memberId, error));
            return;
        }
        Member member = group.member(memberId);
        if (!group.acceptsChange(member, request.protocolType(), request.protocols())) {
            reply.accept(JoinResult.failed(memberId, GroupError.INCONSISTENT_GROUP_PROTOCOL));
            return;
        }
        boolean unchanged = member.offersTheSame(request.protocols());
        boolean repeats =
                switch (group.state()) {
                    // The answer to the first try was lost: it is given again.
                    case COMPLETING_REBALANCE -> unchanged;
                    // A leader that joins again wants to assign anew.
                    case STABLE -> unchanged && !group.isLeader(memberId);
                    default -> false;
                };
        if (repeats) {
            timers.heard(group, member);
            reply.accept(rebalance.joined(group, member));
        } else {
            rebalance.readmit(group, member, request, reply);
        }
    }

    void sync(Group group, SyncRequest request, Consumer<SyncResult> reply) {
        GroupError error = validateSync(group, request);
        if (error != GroupError.NONE) {
            reply.accept(SyncResult.failed(error));
            return;
        }
        Member member = group.member(request.member().memberId());
        timers.heard(group, member);
        if (group.is(GroupState.STABLE)) {
            rebalance.synced(group, member);
            reply.accept(rebalance.assigned(group, member));
            return;
        }
        member.replySync(SyncResult.failed(GroupError.REBALANCE_IN_PROGRESS));
        member.awaitingSync = reply;
        rebalance.synced(group, member);
        if (group.isLeader(member.id)) {
            assign(group, request.assignments());
        }
    }

    private void assign(Group group, Map<String, byte[]> given) {
        Map<String, byte[]> assignments = new HashMap<>(given);
        assignments.keySet().removeIf(id -> group.member(id) == null);
        Generation generation = group.toGeneration(assignments, timers.nowMillis());
        long bytes = 0;
        for (GroupRecord.GenerationMember member : generation.members()) {
            bytes += member.subscription().length + member.assignment().length + 100L;
        }
        if (bytes > config.assignmentBytesMax()) {
            rebalance.assignmentFailed(group, GroupError.UNKNOWN_SERVER_ERROR);
        } else {
            rebalance.assign(group, generation, assignments);
        }
    }

    private static GroupError validateSync(Group group, SyncRequest request) {
        GroupError error =
                whoIs(group, request.member().memberId(), request.member().instanceId());
        if (error != GroupError.NONE) {
            return error;
        }
        if (request.member().generation() != group.generation()) {
            return GroupError.ILLEGAL_GENERATION;
        }
        if (differs(request.protocolType(), group.protocolType())
                || differs(request.protocolName(), group.protocolName())) {
            return GroupError.INCONSISTENT_GROUP_PROTOCOL;
        }
        return switch (group.state()) {
            case EMPTY -> GroupError.UNKNOWN_MEMBER_ID;
            case DEAD -> GroupError.COORDINATOR_NOT_AVAILABLE;
            case PREPARING_REBALANCE -> GroupError.REBALANCE_IN_PROGRESS;
            case COMPLETING_REBALANCE, STABLE -> GroupError.NONE;
        };
    }

    GroupError heartbeat(Group group, GroupMemberId who) {
        GroupError error = whoIs(group, who.memberId(), who.instanceId());
        if (error != GroupError.NONE) {
            return error;
        }
        if (who.generation() != group.generation()) {
            return GroupError.ILLEGAL_GENERATION;
        }
        timers.heard(group, group.member(who.memberId()));
        return group.is(GroupState.PREPARING_REBALANCE) ? GroupError.REBALANCE_IN_PROGRESS : GroupError.NONE;
    }

    /**
     * Whether a commit comes from the present generation (invariant 17), or from one who is no member of an empty
     * group.
     */
    GroupError mayCommit(Group group, GroupMemberId who) {
        boolean fromMember = who.generation() >= 0 || !who.memberId().isEmpty() || who.instanceId() != null;
        if (!fromMember || (who.generation() < 0 && group.is(GroupState.EMPTY))) {
            return group.is(GroupState.EMPTY) ? GroupError.NONE : GroupError.UNKNOWN_MEMBER_ID;
        }
        GroupError error = whoIs(group, who.memberId(), who.instanceId());
        if (error != GroupError.NONE) {
            return error;
        }
        if (who.generation() != group.generation()) {
            return GroupError.ILLEGAL_GENERATION;
        }
        timers.heard(group, group.member(who.memberId()));
        return group.is(GroupState.COMPLETING_REBALANCE) ? GroupError.REBALANCE_IN_PROGRESS : GroupError.NONE;
    }

    /**
     * Whether offsets may go into a transaction: old clients do not say who they are, others are fenced by their
     * generation (invariant 17).
     */
    GroupError mayCommitInTransaction(Group group, GroupMemberId who) {
        boolean fromMember = who.generation() >= 0 || !who.memberId().isEmpty() || who.instanceId() != null;
        if (!fromMember || (who.generation() < 0 && group.is(GroupState.EMPTY))) {
            return GroupError.NONE;
        }
        GroupError error = whoIs(group, who.memberId(), who.instanceId());
        if (error == GroupError.NONE && who.generation() != group.generation()) {
            return GroupError.ILLEGAL_GENERATION;
        }
        return error;
    }

    LeaveResult leave(Group group, List<Leaving> leaving) {
        List<Left> left = new ArrayList<>(leaving.size());
        for (Leaving one : leaving) {
            left.add(new Left(one.memberId(), one.instanceId(), leaveOne(group, one)));
        }
        return new LeaveResult(GroupError.NONE, left);
    }

    private GroupError leaveOne(Group group, Leaving leaving) {
        String memberId = leaving.memberId();
        if (leaving.instanceId() != null && memberId.isEmpty()) {
            memberId = nullToEmpty(group.memberOfInstance(leaving.instanceId()));
        } else if (leaving.instanceId() == null && group.pendingMembers.containsKey(memberId)) {
            timers.forgetPendingMember(group, memberId);
            rebalance.tryComplete(group);
            return GroupError.NONE;
        }
        GroupError error = whoIs(group, memberId, leaving.instanceId());
        if (error == GroupError.NONE) {
            rebalance.remove(group, group.member(memberId), "left: " + leaving.reason());
        }
        return error;
    }

    private static GroupError whoIs(Group group, String memberId, String instanceId) {
        if (instanceId != null) {
            String current = group.memberOfInstance(instanceId);
            if (current == null) {
                return GroupError.UNKNOWN_MEMBER_ID;
            }
            if (!current.equals(memberId)) {
                return GroupError.FENCED_INSTANCE_ID;
            }
        }
        return group.member(memberId) == null ? GroupError.UNKNOWN_MEMBER_ID : GroupError.NONE;
    }

    private String newMemberId(String name) {
        String prefix = name.length() > MEMBER_ID_PREFIX_MAX ? name.substring(0, MEMBER_ID_PREFIX_MAX) : name;
        return prefix + "-" + uniqueSuffixes.get();
    }

    private static boolean differs(String claimed, String actual) {
        return claimed != null && !claimed.equals(actual);
    }

    private static String nullToEmpty(String text) {
        return text == null ? "" : text;
    }
}
