package io.penstock.broker.group;

import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** One shard on simulated time, which can crash and be loaded again. */
final class GroupFixture {
    static final String GROUP = "orders";

    final SimulatedTime time;
    final FakeGroupLog log = new FakeGroupLog();
    final Map<String, UUID> topics = new HashMap<>();
    final GroupConfig config;
    GroupShard shard;
    SimulatedOwner owner;
    int failures;
    private final AtomicInteger ids = new AtomicInteger();

    GroupFixture(long seed, GroupConfig config) {
        this.time = new SimulatedTime(seed);
        this.config = config;
        topics.put("t", new UUID(1, 1));
        load();
    }

    static GroupConfig config(int initialDelayMillis, long compactionBytes) {
        return new GroupConfig(
                initialDelayMillis,
                1_000,
                600_000,
                100,
                100,
                10_000,
                1_000_000,
                100,
                3_600_000,
                60_000,
                1,
                (short) 1,
                compactionBytes);
    }

    void load() {
        owner = new SimulatedOwner(time, "shard");
        shard = new GroupShard(0, owner, time, config, topics::get, () -> "id" + ids.incrementAndGet());
        log.replay(shard::replay);
        shard.activate(log.open(time, owner, TimeUnit.MILLISECONDS.toNanos(5)), failure -> failures++);
    }

    void crash() {
        owner.kill();
        log.crash(time);
        load();
    }

    void run(long millis) {
        time.runFor(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    void await(BooleanSupplier condition) {
        if (!time.runUntil(condition, TimeUnit.SECONDS.toNanos(30))) {
            throw new AssertionError("did not happen within 30 simulated seconds");
        }
    }

    JoinRequest join(String memberId, String instanceId, String... protocols) {
        List<JoinRequest.Protocol> offered = java.util.Arrays.stream(
                        protocols.length == 0 ? new String[] {"range"} : protocols)
                .map(name -> new JoinRequest.Protocol(name, subscription("t")))
                .toList();
        return new JoinRequest(
                GROUP, memberId, instanceId, "client", "/127.0.0.1", 6_000, 20_000, "consumer", offered, true, true);
    }

    /** Joins and goes on to do so with the id that is given. */
    Joined joinFully(String instanceId, String... protocols) {
        Joined joined = new Joined();
        shard.join(join("", instanceId, protocols), first -> {
            if (first.error() == GroupError.MEMBER_ID_REQUIRED) {
                joined.memberId = first.memberId();
                shard.join(join(first.memberId(), instanceId, protocols), joined::set);
            } else {
                joined.set(first);
            }
        });
        return joined;
    }

    /** The answer to a join, once it is there. */
    static final class Joined {
        String memberId = "";
        JoinResult result;

        void set(JoinResult value) {
            result = value;
            memberId = value.memberId();
        }

        boolean done() {
            return result != null;
        }
    }

    GroupMemberId who(Joined joined) {
        return new GroupMemberId(GROUP, joined.memberId, null, joined.result.generation());
    }

    static byte[] subscription(String topic) {
        java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(2 + 4 + 2 + topic.length() + 8);
        bytes.putShort((short) 1).putInt(1).putShort((short) topic.length());
        bytes.put(topic.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        bytes.putInt(-1).putInt(0);
        return bytes.array();
    }

    CommittedOffset offset(long offset) {
        return new CommittedOffset(offset, 3, "m", time.millis(), topics.get("t"));
    }

    static TopicPartitionKey partition(int index) {
        return new TopicPartitionKey("t", index);
    }
}
