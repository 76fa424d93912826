package io.penstock.broker.group;

import io.penstock.broker.group.GroupSimulation.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * A consumer as Kafka's clients behave: joins, the leader assigns round robin, heartbeats, joins again when told to.
 * Requests that a crash swallowed are sent again after a time-out.
 */
final class SimulatedConsumer {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(1_000);
    private static final long REQUEST_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(25);

    private final GroupSimulation world;
    private final String instanceId;
    private String memberId = "";
    private int generation = -1;
    private boolean rejoin = true;
    private boolean dead;
    private long pausedUntil;
    private Set<Integer> assigned = new TreeSet<>();
    /** What is waited for: answers to anything else are stale. */
    private Object pending;

    private long pendingSince;
    private int pendingLife;

    SimulatedConsumer(GroupSimulation world, String instanceId) {
        this.world = world;
        this.instanceId = instanceId;
    }

    String instanceId() {
        return instanceId;
    }

    Set<Integer> assigned() {
        return assigned;
    }

    void start() {
        tick();
    }

    void die() {
        dead = true;
    }

    void pauseUntil(long nanos) {
        pausedUntil = nanos;
    }

    void leave() {
        dead = true;
        if (instanceId == null) {
            world.fixture.shard.leave(GroupFixture.GROUP, List.of(new LeaveResult.Leaving(memberId, null, "done")));
        }
    }

    private void tick() {
        if (dead) {
            return;
        }
        world.time().after(TICK_NANOS, this::tick);
        if (world.time().nanos() < pausedUntil) {
            return;
        }
        if (pending != null) {
            boolean lost = pendingLife != world.life() && world.time().nanos() - pendingSince > TICK_NANOS;
            if (!lost && world.time().nanos() - pendingSince < REQUEST_TIMEOUT_NANOS) {
                return;
            }
            pending = null;
            rejoin = true;
        }
        if (rejoin) {
            join();
        } else {
            react(world.fixture.shard.heartbeat(who()));
        }
    }

    private GroupMemberId who() {
        return new GroupMemberId(GroupFixture.GROUP, memberId, instanceId, generation);
    }

    private Object await() {
        pending = new Object();
        pendingSince = world.time().nanos();
        pendingLife = world.life();
        return pending;
    }

    private boolean answers(Object request) {
        if (dead || pending != request) {
            return false;
        }
        pending = null;
        return true;
    }

    private void join() {
        assigned = new TreeSet<>();
        Object request = await();
        world.fixture.shard.join(world.fixture.join(memberId, instanceId), result -> {
            if (answers(request)) {
                joined(result);
            }
        });
    }

    private void joined(JoinResult result) {
        switch (result.error()) {
            case NONE -> {
                memberId = result.memberId();
                generation = result.generation();
                rejoin = false;
                world.count(Event.REBALANCE);
                // The answer travels a while, as it does in life.
                world.time().after(world.time().random().nextLong(30_000_000), () -> sync(result));
            }
            case MEMBER_ID_REQUIRED -> {
                memberId = result.memberId();
                join();
            }
            default -> react(result.error());
        }
    }

    private void sync(JoinResult join) {
        if (dead || rejoin || generation != join.generation()) {
            return;
        }
        Map<String, byte[]> assignments = new HashMap<>();
        if (join.leaderId().equals(memberId) && !join.skipAssignment()) {
            assignments = assign(join.members());
        }
        Object request = await();
        int life = world.life();
        world.fixture.shard.sync(new SyncRequest(who(), "consumer", "range", assignments), result -> {
            if (!answers(request)) {
                return;
            }
            if (result.error() != GroupError.NONE) {
                react(result.error());
                return;
            }
            assigned = new TreeSet<>();
            for (byte partition : result.assignment()) {
                assigned.add((int) partition);
                if (life == world.life()) {
                    world.owns(generation, partition, instanceId == null ? memberId : instanceId);
                }
            }
        });
    }

    private static Map<String, byte[]> assign(List<JoinResult.JoinedMember> members) {
        Map<String, List<Integer>> shares = new HashMap<>();
        for (int partition = 0; partition < GroupSimulation.PARTITIONS; partition++) {
            shares.computeIfAbsent(members.get(partition % members.size()).memberId(), id -> new ArrayList<>())
                    .add(partition);
        }
        Map<String, byte[]> assignments = new HashMap<>();
        shares.forEach((id, share) -> {
            byte[] bytes = new byte[share.size()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = share.get(i).byteValue();
            }
            assignments.put(id, bytes);
        });
        return assignments;
    }

    private void react(GroupError error) {
        switch (error) {
            case NONE -> {}
            case REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION -> rejoin = true;
            case UNKNOWN_MEMBER_ID -> {
                memberId = "";
                generation = -1;
                rejoin = true;
            }
            // Its successor has taken over: a fenced client gives up.
            case FENCED_INSTANCE_ID -> die();
            case COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR -> rejoin = true;
            default -> throw new AssertionError("a consumer was answered " + error);
        }
    }

    /** Commits as the member that it believes to be: a paused one may have been replaced long ago. */
    void commit() {
        if (memberId.isEmpty() || generation < 0) {
            return;
        }
        Group group = world.fixture.shard.groups().get(GroupFixture.GROUP);
        boolean current = group != null && group.generation() == generation && group.member(memberId) != null;
        int partition = assigned.isEmpty() ? 0 : assigned.iterator().next();
        long offset = world.nextOffset();
        if (current) {
            world.sent(partition, offset);
        }
        int life = world.life();
        world.fixture.shard.commit(
                who(), Map.of(GroupFixture.partition(partition), world.fixture.offset(offset)), error -> {
                    if (error == GroupError.NONE && life == world.life()) {
                        GroupSimulation.require(current, "an old generation committed");
                        world.acknowledged(partition, offset);
                    } else if (error == GroupError.ILLEGAL_GENERATION || error == GroupError.UNKNOWN_MEMBER_ID) {
                        world.count(Event.COMMIT_FENCED);
                    }
                });
    }
}
