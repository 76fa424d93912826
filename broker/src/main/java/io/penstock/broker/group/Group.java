package io.penstock.broker.group;

import io.penstock.broker.group.GroupRecord.Generation;
import io.penstock.broker.group.GroupRecord.GenerationMember;
import io.penstock.broker.group.JoinRequest.Protocol;
import io.penstock.storage.time.Owner.Cancellable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One classic group: its state, members and offsets. Knows the rules that need no time and no log; {@link Membership}
 * drives it. Belongs to a {@link GroupShard}; owner thread only.
 */
final class Group {
    final String id;
    final GroupOffsets offsets;
    /** Members that were given an id and have not come back with it; the value is the timer that forgets them. */
    final Map<String, Cancellable> pendingMembers = new HashMap<>();
    /** Members of this generation that have not asked for their assignment. */
    final Set<String> pendingSync = new HashSet<>();

    private final Map<String, Member> members = new LinkedHashMap<>();
    private final Map<String, String> staticMembers = new HashMap<>();

    private GroupState state = GroupState.EMPTY;
    private long stateMillis;
    private int generation;
    private String protocolType = "";
    private String protocolName;
    private String leaderId;

    /** Ends the phase of joining. */
    Cancellable joinTimer;
    /** Drops members that do not ask for their assignment. */
    Cancellable syncTimer;
    /** Milliseconds that an empty group's first rebalance may still be put off; -1 outside of that phase. */
    int initialDelayLeftMillis = -1;

    boolean joinedSinceDelay;
    /** The newest generation that was appended, committed or not; null when none was. */
    Generation appendedGeneration;
    /** True while the removal of the group is being logged: nothing may be added to it. */
    boolean deleting;

    Group(String id, long nowMillis, CommittedIndex index) {
        this.id = id;
        this.offsets = new GroupOffsets(id, index);
        this.stateMillis = nowMillis;
    }

    void restore(Generation saved) {
        members.clear();
        staticMembers.clear();
        stateMillis = saved.stateMillis();
        generation = saved.generation();
        protocolType = saved.protocolType();
        protocolName = saved.protocol();
        leaderId = saved.leaderId();
        for (GenerationMember member : saved.members()) {
            put(new Member(member, saved.protocol()));
        }
        state = members.isEmpty() ? GroupState.EMPTY : GroupState.STABLE;
        appendedGeneration = saved;
    }

    GroupState state() {
        return state;
    }

    boolean is(GroupState other) {
        return state == other;
    }

    void become(GroupState next, long nowMillis) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException("group " + id + " cannot go from " + state + " to " + next);
        }
        state = next;
        stateMillis = nowMillis;
    }

    long stateMillis() {
        return stateMillis;
    }

    int generation() {
        return generation;
    }

    String protocolType() {
        return protocolType;
    }

    /** Null while no generation was formed, and in an empty group. */
    String protocolName() {
        return protocolName;
    }

    String leaderId() {
        return leaderId;
    }

    boolean isLeader(String memberId) {
        return memberId.equals(leaderId);
    }

    Collection<Member> members() {
        return members.values();
    }

    Member member(String memberId) {
        return members.get(memberId);
    }

    boolean hasNoMembers() {
        return members.isEmpty();
    }

    /** Members and those that were given an id. */
    int size() {
        return members.size() + pendingMembers.size();
    }

    /** Id of the member that holds the instance id now, or null. */
    String memberOfInstance(String instanceId) {
        return staticMembers.get(instanceId);
    }

    void add(Member member, String type) {
        if (members.isEmpty()) {
            protocolType = type;
        }
        put(member);
        if (leaderId == null) {
            leaderId = member.id;
        }
    }

    private void put(Member member) {
        members.put(member.id, member);
        if (member.isStatic()) {
            staticMembers.put(member.instanceId, member.id);
        }
    }

    void remove(Member member) {
        members.remove(member.id);
        pendingSync.remove(member.id);
        if (member.isStatic()) {
            staticMembers.remove(member.instanceId, member.id);
        }
        if (isLeader(member.id)) {
            leaderId = members.isEmpty() ? null : members.keySet().iterator().next();
        }
    }

    /** Puts a static member's new incarnation in the place of the old one, its assignment included. */
    void replace(Member old, Member fresh) {
        members.remove(old.id);
        fresh.assignment = old.assignment;
        put(fresh);
        if (isLeader(old.id)) {
            leaderId = fresh.id;
        }
        if (pendingSync.remove(old.id)) {
            pendingSync.add(fresh.id);
        }
    }

    /** True when a member with these protocols could take part. */
    boolean accepts(String type, List<Protocol> protocols) {
        if (type.isEmpty() || protocols.isEmpty()) {
            return false;
        }
        if (members.isEmpty()) {
            return true;
        }
        return type.equals(protocolType) && protocols.stream().anyMatch(offered -> offeredByAll(offered.name(), null));
    }

    /** As {@link #accepts}, for a member that is in already and changes its mind. */
    boolean acceptsChange(Member member, String type, List<Protocol> protocols) {
        if (type.isEmpty() || protocols.isEmpty()) {
            return false;
        }
        return (members.size() == 1 || type.equals(protocolType))
                && protocols.stream().anyMatch(offered -> offeredByAll(offered.name(), member));
    }

    private boolean offeredByAll(String protocol, Member except) {
        return members.values().stream().allMatch(member -> member == except || member.offers(protocol));
    }

    /** The protocol that most members prefer among those that all offer; each member votes for its first. */
    String selectProtocol() {
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (Member member : members.values()) {
            for (Protocol offered : member.protocols) {
                if (offeredByAll(offered.name(), null)) {
                    votes.merge(offered.name(), 1, Integer::sum);
                    break;
                }
            }
        }
        if (votes.isEmpty()) {
            throw new IllegalStateException("members of group " + id + " share no protocol");
        }
        return Collections.max(votes.entrySet(), Map.Entry.comparingByValue()).getKey();
    }

    boolean allJoined() {
        return pendingMembers.isEmpty() && members.values().stream().allMatch(member -> member.awaitingJoin != null);
    }

    /** Makes sure that the leader is one that joined; false when nobody did. */
    boolean electJoinedLeader() {
        Member leader = leaderId == null ? null : members.get(leaderId);
        if (leader != null && leader.awaitingJoin != null) {
            return true;
        }
        for (Member member : members.values()) {
            if (member.awaitingJoin != null) {
                leaderId = member.id;
                return true;
            }
        }
        return false;
    }

    int rebalanceTimeoutMillis() {
        return members.values().stream()
                .mapToInt(member -> member.rebalanceTimeoutMillis)
                .max()
                .orElse(0);
    }

    /** Begins the next generation with the members that there are. */
    void nextGeneration(long nowMillis) {
        generation++;
        if (members.isEmpty()) {
            protocolName = null;
            leaderId = null;
            become(GroupState.EMPTY, nowMillis);
        } else {
            protocolName = selectProtocol();
            become(GroupState.COMPLETING_REBALANCE, nowMillis);
        }
    }

    List<JoinResult.JoinedMember> joinedMembers() {
        List<JoinResult.JoinedMember> joined = new ArrayList<>(members.size());
        for (Member member : members.values()) {
            joined.add(new JoinResult.JoinedMember(member.id, member.instanceId, member.metadata(protocolName)));
        }
        return joined;
    }

    /**
     * The generation as it is to be logged.
     *
     * @param assignments by member id; a member without one gets nothing. Null takes what members have.
     */
    Generation toGeneration(Map<String, byte[]> assignments, long nowMillis) {
        List<GenerationMember> saved = new ArrayList<>(members.size());
        for (Member member : members.values()) {
            saved.add(new GenerationMember(
                    member.id,
                    member.instanceId,
                    member.clientId,
                    member.clientHost,
                    member.rebalanceTimeoutMillis,
                    member.sessionTimeoutMillis,
                    member.metadata(protocolName),
                    assignments == null ? member.assignment : assignments.getOrDefault(member.id, new byte[0])));
        }
        return new Generation(protocolType, generation, protocolName, leaderId, nowMillis, saved);
    }

    /** Topics that members read, or null when that cannot be told (another protocol type, or not stable). */
    Set<String> subscribedTopics() {
        if (!protocolType.equals(Subscription.PROTOCOL_TYPE) || protocolName == null) {
            return null;
        }
        Set<String> topics = new HashSet<>();
        for (Member member : members.values()) {
            Set<String> some = Subscription.topics(member.metadata(protocolName));
            if (some == null) {
                return null;
            }
            topics.addAll(some);
        }
        return topics;
    }
}
