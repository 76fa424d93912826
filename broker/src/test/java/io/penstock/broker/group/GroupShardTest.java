package io.penstock.broker.group;

import static io.penstock.broker.group.GroupFixture.GROUP;
import static io.penstock.broker.group.GroupFixture.partition;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.group.GroupFixture.Joined;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GroupShardTest {
    private final GroupFixture f = new GroupFixture(1, GroupFixture.config(3_000, 1 << 20));

    @Test
    void newMemberMustComeBackWithItsId() {
        AtomicReference<JoinResult> first = new AtomicReference<>();
        f.shard.join(f.join("", null), first::set);
        assertEquals(GroupError.MEMBER_ID_REQUIRED, first.get().error());
        assertTrue(first.get().memberId().startsWith("client-"));
    }

    @Test
    void initialDelayGathersMembersIntoOneGeneration() {
        Joined one = f.joinFully(null);
        f.run(2_000);
        Joined two = f.joinFully(null);
        f.run(1_500);
        assertFalse(one.done(), "a second member puts the first generation off");
        f.run(2_600);
        assertEquals(1, one.result.generation());
        assertEquals(1, two.result.generation());
        assertEquals(2, one.result.members().size(), "the first is leader and sees both");
        assertTrue(two.result.members().isEmpty());
    }

    @Test
    void syncWaitsForTheLeaderAndTheLog() {
        List<Joined> members = stable(2, false);
        AtomicReference<SyncResult> follower = new AtomicReference<>();
        AtomicReference<SyncResult> leader = new AtomicReference<>();
        f.shard.sync(sync(members.get(1), Map.of()), follower::set);
        f.run(10);
        assertNull(follower.get());
        f.shard.sync(sync(members.get(0), assignments(members)), leader::set);
        assertNull(leader.get(), "not before the assignment is committed");
        f.run(10);
        assertArrayEquals(bytes(members.get(0).memberId), leader.get().assignment());
        assertArrayEquals(bytes(members.get(1).memberId), follower.get().assignment());
        assertEquals(GroupState.STABLE, f.shard.describe(GROUP).state());
    }

    @Test
    void thirdMemberMakesTheOthersJoinAgain() {
        List<Joined> members = stable(2, true);
        Joined third = f.joinFully(null);
        assertEquals(GroupError.REBALANCE_IN_PROGRESS, f.shard.heartbeat(f.who(members.get(0))));
        Joined again = new Joined();
        f.shard.join(f.join(members.get(0).memberId, null), again::set);
        assertFalse(third.done(), "one is missing");
        Joined againToo = new Joined();
        f.shard.join(f.join(members.get(1).memberId, null), againToo::set);
        assertEquals(2, third.result.generation());
        assertEquals(3, again.result.members().size());
    }

    @Test
    void silentMemberIsLeftOutAfterItsSession() {
        List<Joined> members = stable(2, true);
        for (int i = 0; i < 7; i++) {
            f.run(1_000);
            f.shard.heartbeat(f.who(members.get(0)));
        }
        assertEquals(GroupState.PREPARING_REBALANCE, f.shard.describe(GROUP).state());
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, f.shard.heartbeat(f.who(members.get(1))));
        Joined again = new Joined();
        f.shard.join(f.join(members.get(0).memberId, null), again::set);
        assertEquals(1, again.result.members().size());
    }

    @Test
    void memberThatDoesNotJoinAgainIsLeftBehindAfterTheRebalanceTimeout() {
        List<Joined> members = stable(2, true);
        Joined third = f.joinFully(null);
        for (int i = 0; i < 21; i++) {
            members.forEach(member -> f.shard.heartbeat(f.who(member)));
            f.run(1_000);
        }
        assertEquals(2, third.result.generation());
        assertEquals(1, third.result.members().size());
    }

    @Test
    void commitOfAnOldGenerationIsFenced() {
        List<Joined> members = stable(1, true);
        GroupMemberId old = f.who(members.get(0));
        assertEquals(GroupError.NONE, commit(old, 5));
        Joined again = new Joined();
        f.shard.join(f.join(old.memberId(), null), again::set);
        f.run(10);
        assertEquals(2, again.result.generation());
        assertEquals(GroupError.ILLEGAL_GENERATION, commit(old, 6), "invariant 17");
        assertEquals(
                GroupError.REBALANCE_IN_PROGRESS, commit(f.who(again), 6), "nobody knows yet who has the partition");
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, commit(new GroupMemberId(GROUP, "other", null, 2), 7));
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, commit(new GroupMemberId(GROUP, "", null, -1), 7));
        assertEquals(5, fetch(0).offset());
    }

    @Test
    void standaloneConsumerCommitsIntoAnEmptyGroup() {
        assertEquals(GroupError.NONE, commit(new GroupMemberId("alone", "", null, -1), 9));
        assertEquals(GroupError.ILLEGAL_GENERATION, commit(new GroupMemberId("none", "m", null, 4), 9));
        assertEquals(1, f.shard.list().size());
    }

    @Test
    void groupAndOffsetsSurviveACrash() {
        List<Joined> members = stable(2, true);
        commit(f.who(members.get(0)), 42);
        f.crash();
        assertEquals(42, fetch(0).offset());
        assertEquals("m", fetch(0).metadata());
        assertEquals(3, fetch(0).leaderEpoch());
        assertEquals(GroupError.NONE, f.shard.heartbeat(f.who(members.get(1))), "no rebalance after a restart");
        assertEquals(GroupError.NONE, commit(f.who(members.get(0)), 43));
        AtomicReference<SyncResult> again = new AtomicReference<>();
        f.shard.sync(sync(members.get(1), Map.of()), again::set);
        assertArrayEquals(bytes(members.get(1).memberId), again.get().assignment());
    }

    @Test
    void staticMemberComesBackWithoutARebalance() {
        Joined one = f.joinFully("i1");
        Joined two = f.joinFully("i2");
        f.run(7_000);
        f.shard.sync(sync(one, "i1", assignments(List.of(one, two))), result -> {});
        f.shard.sync(sync(two, "i2", Map.of()), result -> {});
        f.run(10);
        Joined back = f.joinFully("i1");
        f.run(10);
        assertEquals(GroupError.NONE, back.result.error());
        assertEquals(1, back.result.generation());
        assertTrue(back.result.skipAssignment(), "it leads, and the assignment stands");
        assertNotEquals(one.memberId, back.memberId);
        assertEquals(
                GroupError.FENCED_INSTANCE_ID,
                f.shard.heartbeat(new GroupMemberId(GROUP, one.memberId, "i1", 1)),
                "the former incarnation is fenced");
        AtomicReference<SyncResult> synced = new AtomicReference<>();
        f.shard.sync(sync(back, "i1", Map.of()), synced::set);
        assertArrayEquals(bytes(one.memberId), synced.get().assignment());
        f.crash();
        assertEquals(GroupError.NONE, f.shard.heartbeat(new GroupMemberId(GROUP, back.memberId, "i1", 1)));
    }

    @Test
    void administratorRemovesAStaticMemberByItsInstance() {
        Joined one = f.joinFully("i1");
        f.run(4_000);
        LeaveResult left = f.shard.leave(
                GROUP, List.of(new LeaveResult.Leaving("", "i1", "removed"), new LeaveResult.Leaving("x", null, null)));
        assertEquals(GroupError.NONE, left.members().get(0).error());
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, left.members().get(1).error());
        assertEquals(GroupState.EMPTY, f.shard.describe(GROUP).state());
        assertTrue(one.done());
    }

    @Test
    void protocolIsOneThatAllOffer() {
        Joined one = f.joinFully(null, "sticky", "range");
        Joined two = f.joinFully(null, "range");
        Joined odd = f.joinFully(null, "other");
        f.run(7_000);
        assertEquals("range", one.result.protocolName());
        assertEquals("range", two.result.protocolName());
        assertEquals(GroupError.INCONSISTENT_GROUP_PROTOCOL, odd.result.error());
    }

    @Test
    void fullGroupRefusesMembers() {
        for (int i = 0; i < 100; i++) {
            f.joinFully(null);
        }
        Joined one = f.joinFully(null);
        assertEquals(GroupError.GROUP_MAX_SIZE_REACHED, one.result.error());
    }

    @Test
    void sessionTimeoutOutOfBoundsIsRefused() {
        JoinRequest short0 = new JoinRequest(
                GROUP, "", null, "c", "h", 10, 10, "consumer", f.join("", null).protocols(), true, true);
        AtomicReference<JoinResult> result = new AtomicReference<>();
        f.shard.join(short0, result::set);
        assertEquals(GroupError.INVALID_SESSION_TIMEOUT, result.get().error());
        assertTrue(f.shard.list().isEmpty());
    }

    @Test
    void membersThatDoNotSyncAreDropped() {
        List<Joined> members = stable(2, false);
        f.shard.sync(sync(members.get(0), assignments(members)), result -> {});
        for (int i = 0; i < 21; i++) {
            members.forEach(member -> f.shard.heartbeat(f.who(member)));
            f.run(1_000);
        }
        assertEquals(GroupError.UNKNOWN_MEMBER_ID, f.shard.heartbeat(f.who(members.get(1))));
    }

    @Test
    void fullDiskFailsTheCommitAndNothingElse() {
        commit(new GroupMemberId("alone", "", null, -1), 1);
        f.log.nextFailure = FakeGroupLog.diskFull();
        assertEquals(GroupError.COORDINATOR_NOT_AVAILABLE, commit(new GroupMemberId("alone", "", null, -1), 2));
        assertEquals(GroupError.NONE, commit(new GroupMemberId("alone", "", null, -1), 3));
        assertEquals(0, f.failures);
    }

    @Test
    void brokenLogEndsTheShard() {
        f.log.nextFailure = FakeGroupLog.offline();
        assertEquals(GroupError.NOT_COORDINATOR, commit(new GroupMemberId("alone", "", null, -1), 2));
        assertEquals(1, f.failures);
        assertEquals(GroupError.NOT_COORDINATOR, commit(new GroupMemberId("alone", "", null, -1), 3));
    }

    @Test
    void failedAssignmentBeginsARebalance() {
        List<Joined> members = stable(1, false);
        f.log.nextFailure = FakeGroupLog.diskFull();
        AtomicReference<SyncResult> result = new AtomicReference<>();
        f.shard.sync(sync(members.get(0), assignments(members)), result::set);
        assertEquals(GroupError.COORDINATOR_NOT_AVAILABLE, result.get().error());
        assertEquals(GroupState.PREPARING_REBALANCE, f.shard.describe(GROUP).state());
    }

    @Test
    void emptyGroupIsDeletedWithItsOffsets() {
        GroupMemberId alone = new GroupMemberId(GROUP, "", null, -1);
        commit(alone, 1);
        AtomicReference<GroupError> deleted = new AtomicReference<>();
        f.shard.delete(GROUP, deleted::set);
        f.run(10);
        assertEquals(GroupError.NONE, deleted.get());
        f.crash();
        assertEquals(GroupError.GROUP_ID_NOT_FOUND, f.shard.describe(GROUP).error());
        assertNull(fetch(0));
        stable(1, true);
        f.shard.delete(GROUP, deleted::set);
        assertEquals(GroupError.NON_EMPTY_GROUP, deleted.get());
    }

    @Test
    void offsetsOfADeletedTopicAreForgotten() {
        commit(new GroupMemberId(GROUP, "", null, -1), 7);
        f.topics.remove("t");
        f.shard.topicsChanged();
        f.run(10);
        f.topics.put("t", new UUID(2, 2));
        assertNull(fetch(0));
        f.crash();
        assertNull(fetch(0));
    }

    @Test
    void offsetOfAnEarlierTopicOfTheSameNameIsNotShown() {
        commit(new GroupMemberId(GROUP, "", null, -1), 7);
        f.topics.put("t", new UUID(2, 2));
        assertNull(fetch(0));
    }

    @Test
    void offsetsExpireAfterTheGroupIsEmptyForTheRetention() {
        List<Joined> members = stable(1, true);
        commit(f.who(members.get(0)), 7);
        f.run(20_000);
        assertEquals(GroupState.EMPTY, f.shard.describe(GROUP).state());
        f.run(3_000_000);
        assertEquals(7, fetch(0).offset());
        f.run(3_600_000);
        assertNull(fetch(0));
        assertEquals(GroupError.GROUP_ID_NOT_FOUND, f.shard.describe(GROUP).error(), "nothing is left of it");
        f.crash();
        assertTrue(f.shard.list().isEmpty());
    }

    @Test
    void offsetsOfTopicsThatMembersReadAreNotDeleted() {
        List<Joined> members = stable(1, true);
        commit(f.who(members.get(0)), 7);
        AtomicReference<OffsetDeleteResult> result = new AtomicReference<>();
        f.shard.deleteOffsets(GROUP, List.of(partition(0)), result::set);
        assertEquals(
                GroupError.GROUP_SUBSCRIBED_TO_TOPIC, result.get().partitions().get(partition(0)));
    }

    @Test
    void logStaysShortHoweverOftenOffsetsAreCommitted() {
        GroupFixture small = new GroupFixture(2, GroupFixture.config(0, 20_000));
        long largest = 0;
        for (int i = 0; i < 20_000; i++) {
            Map<TopicPartitionKey, CommittedOffset> values = Map.of(partition(i % 10), small.offset(i));
            small.shard.commit(new GroupMemberId("g" + i % 7, "", null, -1), values, error -> {});
            if (i % 10 == 0) {
                small.run(5);
                largest = Math.max(largest, small.log.sizeBytes());
            }
        }
        small.run(100);
        assertTrue(largest < 200_000, "largest size was " + largest);
        Map<String, Long> before = offsets(small);
        assertEquals(70, before.size());
        small.crash();
        assertEquals(before, offsets(small));
    }

    private static Map<String, Long> offsets(GroupFixture fixture) {
        Map<String, Long> all = new HashMap<>();
        for (int i = 0; i < 7; i++) {
            String group = "g" + i;
            fixture.shard.fetch(group, null, false, result -> result.offsets()
                    .forEach((key, value) -> all.put(group + key, value.offset())));
        }
        return all;
    }

    private List<Joined> stable(int count, boolean synced) {
        List<Joined> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(f.joinFully(null));
        }
        f.run(7_000);
        if (synced) {
            for (Joined member : members) {
                f.shard.sync(sync(member, member == members.get(0) ? assignments(members) : Map.of()), result -> {});
            }
            f.run(10);
        }
        return members;
    }

    private SyncRequest sync(Joined member, Map<String, byte[]> assignments) {
        return sync(member, null, assignments);
    }

    private SyncRequest sync(Joined member, String instanceId, Map<String, byte[]> assignments) {
        return new SyncRequest(
                new GroupMemberId(GROUP, member.memberId, instanceId, member.result.generation()),
                "consumer",
                "range",
                assignments);
    }

    private static Map<String, byte[]> assignments(List<Joined> members) {
        Map<String, byte[]> all = new HashMap<>();
        members.forEach(member -> all.put(member.memberId, bytes(member.memberId)));
        return all;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private GroupError commit(GroupMemberId who, long offset) {
        AtomicReference<GroupError> result = new AtomicReference<>();
        f.shard.commit(who, Map.of(partition(0), f.offset(offset)), result::set);
        f.run(10);
        return result.get();
    }

    private CommittedOffset fetch(int index) {
        AtomicReference<OffsetFetchResult> result = new AtomicReference<>();
        f.shard.fetch(GROUP, List.of(partition(index)), false, result::set);
        f.run(10);
        return result.get().offsets().get(partition(index));
    }
}
