package io.penstock.broker.group;

import io.penstock.storage.simulation.SimulatedTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** One coordinator and some consumers of one group, from a seed; see {@link GroupSimulationTest}. */
final class GroupSimulation {
    static final int PARTITIONS = 6;
    private static final int CONSUMERS_MAX = 8;

    /** What can happen; the test demands that all of it did. */
    enum Event {
        JOIN,
        LEAVE,
        SILENT_DEATH,
        PAUSE,
        COMMIT_ACCEPTED,
        COMMIT_FENCED,
        CRASH,
        DISK_FULL,
        STATIC_RESTART,
        REBALANCE,
        LOG_SHORTENED
    }

    final GroupFixture fixture;
    private final RandomGenerator random;
    private final List<SimulatedConsumer> consumers = new ArrayList<>();
    private final Map<Event, Integer> counts = new EnumMap<>(Event.class);
    /** For each partition: offsets that may be read, the last acknowledged one and those sent after it. */
    private final Map<Integer, Set<Long>> acceptable = new HashMap<>();
    /** Owners that a sync answer named: generation of this coordinator's life, partition, member. */
    private final Map<String, String> owners = new HashMap<>();
    /** An empty group without offsets is removed; one of that name begins with generation 1 again. */
    private Group incarnation;

    private long offsets;
    private int life;
    private int statics;

    GroupSimulation(long seed) {
        fixture = new GroupFixture(seed, GroupFixture.config((int) (seed % 3) * 500, 6_000));
        random = fixture.time.random();
    }

    SimulatedTime time() {
        return fixture.time;
    }

    int life() {
        return life;
    }

    void count(Event event) {
        counts.merge(event, 1, Integer::sum);
    }

    Map<Event, Integer> counts() {
        return counts;
    }

    long events() {
        return fixture.time.eventsRun();
    }

    void step() {
        int draw = random.nextInt(100);
        if (draw < 8 && alive().size() < CONSUMERS_MAX) {
            String instance = random.nextInt(3) == 0 ? "static-" + statics++ : null;
            start(instance);
        } else if (draw < 11) {
            pick().ifPresent(consumer -> {
                consumer.leave();
                consumers.remove(consumer);
                count(Event.LEAVE);
            });
        } else if (draw < 14) {
            pick().ifPresent(consumer -> {
                consumer.die();
                consumers.remove(consumer);
                count(Event.SILENT_DEATH);
            });
        } else if (draw < 17) {
            pick().ifPresent(consumer -> {
                consumer.pauseUntil(time().nanos() + (1 + random.nextLong(12)) * 1_000_000_000L);
                count(Event.PAUSE);
            });
        } else if (draw < 19) {
            pick().filter(consumer -> consumer.instanceId() != null).ifPresent(consumer -> {
                consumer.die();
                consumers.remove(consumer);
                start(consumer.instanceId());
                count(Event.STATIC_RESTART);
            });
        } else if (draw < 21) {
            crash();
        } else if (draw < 22) {
            fixture.log.nextFailure = FakeGroupLog.diskFull();
            count(Event.DISK_FULL);
        } else if (draw < 80) {
            pick().ifPresent(SimulatedConsumer::commit);
        }
        fixture.run(random.nextInt(1_500));
        check();
    }

    private void start(String instance) {
        SimulatedConsumer consumer = new SimulatedConsumer(this, instance);
        consumers.add(consumer);
        consumer.start();
        count(Event.JOIN);
    }

    private java.util.Optional<SimulatedConsumer> pick() {
        List<SimulatedConsumer> alive = alive();
        return alive.isEmpty()
                ? java.util.Optional.empty()
                : java.util.Optional.of(alive.get(random.nextInt(alive.size())));
    }

    private List<SimulatedConsumer> alive() {
        return consumers;
    }

    private void crash() {
        life++;
        owners.clear();
        fixture.crash();
        count(Event.CRASH);
    }

    /** No more faults: the group must come to rest, and every partition have one owner that lives. */
    void settle() {
        fixture.log.nextFailure = null;
        if (consumers.isEmpty()) {
            start(null);
        }
        // Sessions of the dead end (6 s), joins of the paused are not waited for (20 s), and then once more.
        fixture.run(120_000);
        check();
        GroupDescription group = fixture.shard.describe(GroupFixture.GROUP);
        require(group.state() == GroupState.STABLE, "the group is " + group.state() + " and not at rest");
        require(
                group.members().size() == consumers.size(),
                group.members().size() + " members for " + consumers.size() + " consumers");
        Set<Integer> owned = new HashSet<>();
        for (SimulatedConsumer consumer : consumers) {
            for (int partition : consumer.assigned()) {
                require(owned.add(partition), "partition " + partition + " has two owners at the end");
            }
        }
        require(owned.size() == PARTITIONS, "only " + owned + " are owned at the end");
    }

    private void check() {
        fixture.shard.fetch(GroupFixture.GROUP, null, false, result -> {
            if (result.error() != GroupError.NONE) {
                return;
            }
            acceptable.forEach((partition, values) -> {
                CommittedOffset read = result.offsets().get(GroupFixture.partition(partition));
                long offset = read == null ? -1 : read.offset();
                require(
                        values.contains(offset),
                        "offset of partition " + partition + " is " + offset + ", acknowledged or sent since: "
                                + values);
            });
        });
        require(fixture.log.sizeBytes() < 60_000, "the log has " + fixture.log.sizeBytes() + " bytes");
        if (fixture.log.startOffset() > 0) {
            counts.putIfAbsent(Event.LOG_SHORTENED, 1);
        }
    }

    long nextOffset() {
        return ++offsets;
    }

    /** A commit is on its way: from now on it may be what a reader sees. */
    void sent(int partition, long offset) {
        acceptable.computeIfAbsent(partition, p -> new HashSet<>(Set.of(-1L))).add(offset);
    }

    /** It was acknowledged: nothing that was sent before may be seen again. */
    void acknowledged(int partition, long offset) {
        acceptable.get(partition).removeIf(value -> value < offset);
        count(Event.COMMIT_ACCEPTED);
    }

    /** A member was told in this life that it owns the partition in the generation. */
    void owns(int generation, int partition, String instanceOrMember) {
        Group group = fixture.shard.groups().get(GroupFixture.GROUP);
        if (group != incarnation) {
            incarnation = group;
            owners.clear();
        }
        String key = generation + "/" + partition;
        String before = owners.putIfAbsent(key, instanceOrMember);
        require(
                before == null || before.equals(instanceOrMember),
                "partition " + partition + " belongs to " + before + " and " + instanceOrMember + " in generation "
                        + generation);
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
