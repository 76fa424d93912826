package io.penstock.broker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.penstock.broker.config.ThrottledReplicas;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.partition.Partition;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A world of three or five brokers with one partition, its records and its ledger, made from a seed and run by one
 * thread. Whatever was acknowledged or read once must be there, at its offset, for every later reader (invariants 12,
 * 13), each sequence of an idempotent producer once and in order (14), and when the faults are over all replicas become
 * equal and go on.
 */
final class ReplicationSimulation {
    static final long SECONDS = 20;
    private static final long SECOND = 1_000_000_000L;
    private static final long PRODUCER = 77;

    /** What goes wrong. */
    enum Fault {
        KILL,
        POWER_CUT,
        PAUSE,
        CUT,
        STALL,
        AUTHORITY_CUT,
        /** Who is about to join the ISR loses what it has, and comes back, while the write is under way. */
        LOSS_WHILE_JOINING
    }

    final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    long acknowledged;
    long ledgerAcknowledged;
    long reads;
    long leaderships;
    long moves;

    private final SimulatedTime time;
    private final RandomGenerator random;
    private final OldBug sabotage;
    private final int brokers;
    private final boolean moving;

    private final boolean throttled;
    private final LogConfig config;
    private final boolean beforeReply;
    private final ReplicaRules rules;
    private final SimulatedNetwork network;
    private final SimulatedAuthority authority;
    private final Map<Integer, SimulatedDisk> disks = new HashMap<>();
    private final Map<Integer, SimulatedReplica> alive = new HashMap<>();
    /** Who may have lost what it had acknowledged, until it has caught up again. */
    private final Map<Integer, Long> robbed = new HashMap<>();

    private final Truth records = new Truth("records");
    private final Truth ledger = new Truth("ledger");
    private final Set<Integer> epochsSeen = new HashSet<>();
    private long nextId = 1;
    private int sequence;
    private ByteBuffer pending;
    private long pendingId;
    private boolean calm;

    /** What is known for ever of one log. */
    private static final class Truth {
        private final String name;
        private final TreeMap<Long, Long> ids = new TreeMap<>();

        Truth(String name) {
            this.name = name;
        }

        void holds(long offset, long id, String who) {
            Long known = ids.putIfAbsent(offset, id);
            if (known != null && known != id) {
                fail(name + ": offset " + offset + " was record " + known + " and is " + id + " for " + who);
            }
        }
    }

    ReplicationSimulation(long seed, OldBug sabotage) {
        this(seed, sabotage, false);
    }

    /** @param moving whether the partition goes from brokers to brokers meanwhile: three of the five have it */
    ReplicationSimulation(long seed, OldBug sabotage, boolean moving) {
        this.moving = moving;
        this.time = new SimulatedTime(seed);
        this.random = time.random();
        this.sabotage = sabotage;
        this.brokers = moving || sabotage == OldBug.NONE && random.nextInt(4) == 0 ? 5 : 3;
        this.throttled = moving && random.nextBoolean();
        // Only with a background flush a power cut takes away what was acknowledged.
        boolean wantsLoss = sabotage == OldBug.NO_BROKER_EPOCHS_4 || sabotage == OldBug.UNCLEAN_LEADS_5;
        this.beforeReply = !wantsLoss && random.nextInt(3) == 0;
        this.config = new LogConfig(
                16 << 10,
                Long.MAX_VALUE,
                -1,
                -1,
                beforeReply ? LogConfig.FlushPolicy.BEFORE_REPLY : LogConfig.FlushPolicy.INTERVAL,
                Long.MAX_VALUE,
                3000,
                1 << 20,
                512,
                false);
        this.rules = sabotage.rules();
        this.network = new SimulatedNetwork(time);
        this.authority = new SimulatedAuthority(time, SimulatedReplica.TOPIC, sabotage == OldBug.NO_BROKER_EPOCHS_4);
        for (int id = 1; id <= brokers; id++) {
            disks.put(id, new SimulatedDisk(seed * 31 + id));
        }
    }

    private int minInSync() {
        return replicas() / 2 + 1;
    }

    private int replicas() {
        return moving ? 3 : brokers;
    }

    void run() throws IOException {
        for (int id = 1; id <= brokers; id++) {
            start(id, true);
        }
        time.runFor(SECOND / 2);
        Map<String, String> topic = new HashMap<>();
        topic.put("min.insync.replicas", Integer.toString(minInSync()));
        if (throttled) {
            topic.put(ThrottledReplicas.LEADERS, "*");
            topic.put(ThrottledReplicas.FOLLOWERS, "*");
        }
        authority.store().createTopic(new NewTopic("t", 1, (short) replicas(), null, topic));
        if (moving) {
            move();
        }
        produce();
        scribble();
        for (int reader = 0; reader < 2; reader++) {
            read();
        }
        fault();
        authority.adversary(this::lossWhileJoining);
        // An old bug needs time to show, and readers who look at everything.
        time.runFor((sabotage == OldBug.NONE ? SECONDS : 2 * SECONDS) * SECOND);
        calm();
    }

    private void start(int id, boolean clean) {
        try {
            alive.put(
                    id,
                    SimulatedReplica.start(
                            id,
                            time,
                            disks.get(id),
                            network,
                            authority,
                            config,
                            minInSync(),
                            rules,
                            clean || sabotage == OldBug.UNCLEAN_LEADS_5));
        } catch (IOException e) {
            throw new AssertionError("broker " + id + " does not start", e);
        }
    }

    // ---- clients

    private SimulatedReplica anyBroker() {
        PartitionImage now = authority.partition();
        SimulatedReplica leader = alive.get(now.leader());
        if (leader != null && random.nextInt(4) > 0) {
            return leader;
        }
        List<SimulatedReplica> all = new ArrayList<>(alive.values());
        return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
    }

    /** An idempotent producer, acks=all: the same batch until it is acknowledged. */
    private void produce() {
        if (pending == null) {
            pendingId = nextId++;
            pending = TestBatches.batch()
                    .timestamps(pendingId)
                    .producer(PRODUCER, 0, sequence)
                    .build();
        }
        SimulatedReplica to = anyBroker();
        if (to == null) {
            time.after(SECOND / 10, this::produce);
            return;
        }
        ByteBuffer batch = ByteBuffer.allocate(pending.remaining()).put(pending.duplicate());
        batch.flip();
        boolean[] answered = {false};
        Runnable again = () -> {
            if (!answered[0]) {
                answered[0] = true;
                time.after(random.nextLong(SECOND / 50), this::produce);
            }
        };
        long id = pendingId;
        time.after(SECOND, again);
        to.with(
                partition -> partition.append(batch, AppendOrigin.CLIENT, true, (append, failure) -> {
                    if (failure != null) {
                        again.run();
                        return;
                    }
                    records.holds(append.baseOffset(), id, "its producer, by broker " + to.brokerId);
                    if (id == pendingId && pending != null) {
                        acknowledged++;
                        pending = null;
                        sequence++;
                    }
                    again.run();
                }),
                failure -> again.run());
    }

    /** Writes that nobody waits for, so that leaders have more than their followers; and ledger entries. */
    private void scribble() {
        SimulatedReplica to = anyBroker();
        if (to != null) {
            int kind = random.nextInt(3);
            long id = nextId++;
            ByteBuffer batch = TestBatches.batch().timestamps(id).build();
            to.with(
                    partition -> {
                        if (kind > 0) {
                            partition.append(batch, AppendOrigin.CLIENT, kind == 1, (append, failure) -> {
                                if (failure == null && kind == 1) {
                                    records.holds(append.baseOffset(), id, "a producer");
                                }
                            });
                        } else {
                            partition.ledger().whenComplete((opened, failure) -> {
                                if (failure == null) {
                                    appendToLedger(partition, opened, batch, id);
                                }
                            });
                        }
                    },
                    failure -> {});
        }
        time.after(random.nextLong(SECOND / 40), this::scribble);
    }

    private void appendToLedger(Partition partition, PartitionLog opened, ByteBuffer batch, long id) {
        try {
            long offset = opened.append(batch, partition.leaderEpoch(), AppendOrigin.BROKER)
                    .baseOffset();
            if (random.nextBoolean()) {
                opened.onDurable(lost -> {
                    if (lost == null) {
                        ledgerAcknowledged++;
                        ledger.holds(offset, id, "a settlement");
                    }
                });
            }
        } catch (IOException e) {
            // Nothing was promised.
        }
    }

    /** A consumer, from anywhere to the high watermark. */
    private void read() {
        SimulatedReplica from = anyBroker();
        if (from != null) {
            from.with(partition -> readAll(partition, from.brokerId), failure -> {});
        }
        time.after(random.nextLong(SECOND / 5), this::read);
    }

    private void readAll(Partition partition, int brokerId) {
        if (!partition.serving()) {
            return;
        }
        if (epochsSeen.add(partition.leaderEpoch())) {
            leaderships++;
        }
        reads++;
        String who = "a reader at broker " + brokerId + " in epoch " + partition.leaderEpoch();
        try {
            long end = partition.highWatermark();
            // All of it now and then, as it takes long.
            long start = sabotage != OldBug.NONE || random.nextInt(8) == 0
                    ? partition.log().startOffset()
                    : Math.max(0, end - 1 - random.nextInt(40));
            Map<Long, Batch> found = batches(partition.log(), start, end);
            found.forEach((offset, batch) -> records.holds(offset, batch.id, who));
            Long last = records.ids.isEmpty() ? null : records.ids.lastKey();
            if (partition.settled() && partition.highWatermark() > start && last != null) {
                // What was acknowledged, or read, before this leadership began is below its start.
                for (long offset : records.ids
                        .subMap(Math.min(start, last), Math.max(start, Math.min(partition.openedEndOffset(), last)))
                        .keySet()) {
                    assertTrue(found.containsKey(offset), () -> "offset " + offset + " is missing for " + who);
                }
            }
        } catch (IOException e) {
            // Its log is being recovered, or was cut short by the disk's death.
        }
    }

    private record Batch(long id, int epoch, long producerId, int sequence) {}

    private static Map<Long, Batch> batches(PartitionLog log, long from, long end) throws IOException {
        Map<Long, Batch> found = new TreeMap<>();
        for (long offset = from; offset < end; ) {
            ByteBuffer bytes;
            try (LogSlice slice = log.read(offset, 1 << 16, end, true)) {
                if (slice.sizeBytes() == 0) {
                    throw new AssertionError("no batch at " + offset + " below " + end + " in " + log.id());
                }
                bytes = ByteBuffer.allocate(slice.sizeBytes());
                slice.readInto(bytes);
                bytes.flip();
            }
            for (int at = 0; at < bytes.limit(); at += 12 + bytes.getInt(at + 8)) {
                offset = bytes.getLong(at);
                found.put(
                        offset,
                        new Batch(
                                bytes.getLong(at + 27),
                                bytes.getInt(at + 12),
                                bytes.getLong(at + 43),
                                bytes.getInt(at + 53)));
                offset++;
            }
        }
        return found;
    }

    // ---- moves

    private void move() {
        if (calm) {
            return;
        }
        List<Integer> ids = new ArrayList<>(disks.keySet());
        List<Integer> target = new ArrayList<>();
        while (target.size() < replicas()) {
            target.add(ids.remove(random.nextInt(ids.size())));
        }
        boolean back = random.nextInt(5) == 0;
        authority
                .store()
                .reassign(SimulatedReplica.TOPIC, 0, back ? null : target)
                .whenComplete((done, refused) -> moves += refused == null ? 1 : 0);
        time.after(random.nextLong(3 * SECOND), this::move);
    }

    private boolean isWhole() {
        PartitionImage now = authority.partition();
        return !now.reassigning()
                && now.replicas().size() == replicas()
                && now.isr().size() == replicas();
    }

    // ---- faults

    private void fault() {
        if (calm) {
            return;
        }
        Fault kind = Fault.values()[random.nextInt(Fault.values().length - 1)];
        int id = 1 + random.nextInt(brokers);
        if (random.nextInt(3) == 0 && authority.partition().leader() > 0) {
            id = authority.partition().leader();
        }
        SimulatedReplica victim = alive.get(id);
        if (victim != null && happens(kind, id, victim)) {
            faults.merge(kind, 1, Integer::sum);
        }
        time.after(random.nextLong(SECOND), this::fault);
    }

    private boolean happens(Fault kind, int id, SimulatedReplica victim) {
        switch (kind) {
            case KILL -> die(id, victim, false);
            case POWER_CUT -> {
                if (!beforeReply && !survivesLossOf(id)) {
                    return false;
                }
                die(id, victim, true);
            }
            case PAUSE -> {
                if (victim.owner.paused()) {
                    return false;
                }
                victim.owner.pause();
                time.after(random.nextLong(2 * SECOND), victim.owner::resume);
            }
            case CUT -> network.cut(id, 1 + (id + random.nextInt(brokers - 1)) % brokers, random.nextLong(2 * SECOND));
            case STALL -> network.stall(id, 1 + (id + random.nextInt(brokers - 1)) % brokers);
            case AUTHORITY_CUT -> victim.metadata.cut(random.nextLong(2 * SECOND));
            case LOSS_WHILE_JOINING -> throw new AssertionError("has its own occasion");
        }
        return true;
    }

    /** Whether somebody else has everything committed, whom no power cut has robbed of it. */
    private boolean survivesLossOf(int id) {
        PartitionImage now = authority.partition();
        robbed.keySet().removeIf(each -> {
            long epoch =
                    authority.store().image().broker(each).map(b -> b.epoch()).orElse(-1L);
            boolean back = epoch > robbed.get(each) && now.isr().contains(each);
            return back && now.stamps().getOrDefault(each, -1L) > robbed.get(each);
        });
        Set<Integer> holders = new HashSet<>(now.isr());
        holders.addAll(now.eligible());
        holders.remove(id);
        holders.removeAll(robbed.keySet());
        return !holders.isEmpty() && !robbed.containsKey(id);
    }

    /** Invariant 4: the leader dies too, so that nobody is left who would notice. */
    private boolean lossWhileJoining(int added, int leader) {
        SimulatedReplica joins = alive.get(added);
        SimulatedReplica leads = alive.get(leader);
        if (calm || beforeReply || joins == null || leads == null || random.nextInt(3) > 0 || !survivesLossOf(added)) {
            return false;
        }
        faults.merge(Fault.LOSS_WHILE_JOINING, 1, Integer::sum);
        time.after(0, () -> {
            if (alive.get(added) == joins && alive.get(leader) == leads && survivesLossOf(added)) {
                die(leader, leads, false, 2 * SECOND);
                die(added, joins, true, SECOND / 20);
            }
        });
        return true;
    }

    private void die(int id, SimulatedReplica victim, boolean power) {
        boolean fast = random.nextInt(3) == 0;
        die(id, victim, power, random.nextLong(fast ? SECOND / 20 : 2 * SECOND));
    }

    private void die(int id, SimulatedReplica victim, boolean power, long backAfterNanos) {
        if (power && !beforeReply) {
            robbed.put(
                    id, authority.store().image().broker(id).map(b -> b.epoch()).orElse(-1L));
        }
        alive.remove(id);
        network.leave(id);
        authority.died(id);
        victim.kill(disks.get(id), power);
        boolean clean = !power || beforeReply;
        time.after(backAfterNanos, () -> start(id, clean));
    }

    // ---- the end

    private void calm() throws IOException {
        calm = true;
        network.healAll();
        alive.values().forEach(each -> each.metadata.cut(0));
        assertTrue(time.runUntil(() -> alive.size() == brokers, 20 * SECOND), "not all brokers are back");
        alive.values().forEach(each -> each.owner.resume());
        long before = acknowledged;
        boolean goesOn = time.runUntil(() -> acknowledged >= before + 20 && isWhole(), 60 * SECOND);
        if (!goesOn && sabotage != OldBug.NONE) {
            return; // what is looked for is a loss
        }
        assertTrue(
                goesOn,
                () -> "no progress after the faults: " + authority.partition() + ", " + (acknowledged - before)
                        + " acknowledged");
        Map<Long, Batch>[] end = finalRecords();
        for (Map.Entry<Long, Long> each : records.ids.entrySet()) {
            Batch there = end[0].get(each.getKey());
            assertTrue(there != null, () -> "offset " + each.getKey() + " is gone at the end");
            assertEquals(each.getValue(), there.id, () -> "record at offset " + each.getKey());
        }
        for (Map.Entry<Long, Long> each : ledger.ids.entrySet()) {
            Batch there = end[1].get(each.getKey());
            assertTrue(there != null, () -> "ledger offset " + each.getKey() + " is gone at the end");
            assertEquals(each.getValue(), there.id, () -> "ledger record at offset " + each.getKey());
        }
        int next = 0;
        for (Batch each : end[0].values()) {
            if (each.producerId == PRODUCER) {
                assertEquals(next, each.sequence, "sequence of the idempotent producer");
                next++;
            }
        }
    }

    @SuppressWarnings("unchecked")
    private Map<Long, Batch>[] finalRecords() {
        Map<Long, Batch>[] found = new Map[] {null, null};
        for (int tries = 0; tries < 20 && found[1] == null; tries++) {
            SimulatedReplica leader = alive.get(authority.partition().leader());
            leader.with(
                    partition -> partition.ledger().whenComplete((opened, failure) -> {
                        if (failure != null) {
                            return;
                        }
                        try {
                            found[0] =
                                    batches(partition.log(), 0, partition.log().endOffset());
                            found[1] = batches(opened, 0, opened.endOffset());
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    }),
                    failure -> {});
            time.runUntil(() -> found[1] != null, 2 * SECOND);
        }
        assertTrue(found[1] != null, "the leader cannot be read at the end");
        return found;
    }
}
