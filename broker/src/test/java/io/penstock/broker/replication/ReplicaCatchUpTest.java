package io.penstock.broker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.broker.partition.PartitionUnavailableException.Reason;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Single stories of three replicas, in simulated time. */
@Timeout(60)
class ReplicaCatchUpTest {
    private static final long SECOND = 1_000_000_000L;

    private final SimulatedTime time = new SimulatedTime(4);
    private final SimulatedNetwork network = new SimulatedNetwork(time);
    private final SimulatedAuthority authority = new SimulatedAuthority(time, SimulatedReplica.TOPIC, false);
    private final Map<Integer, SimulatedDisk> disks = new HashMap<>();
    private final Map<Integer, SimulatedReplica> alive = new HashMap<>();

    @BeforeEach
    void start() throws IOException {
        for (int id = 1; id <= 3; id++) {
            disks.put(id, new SimulatedDisk(id));
            start(id);
        }
        time.runFor(SECOND / 2);
        authority.store().createTopic(new NewTopic("t", 1, (short) 3, null, Map.of("min.insync.replicas", "2")));
        await(() -> inSync(3));
    }

    private void start(int id) throws IOException {
        LogConfig config = new LogConfig(
                4 << 10,
                Long.MAX_VALUE,
                -1,
                -1,
                LogConfig.FlushPolicy.INTERVAL,
                Long.MAX_VALUE,
                1000,
                1 << 20,
                512,
                false);
        alive.put(
                id,
                SimulatedReplica.start(
                        id, time, disks.get(id), network, authority, config, 2, ReplicaRules.STANDARD, true));
    }

    private void kill(int id) {
        SimulatedReplica victim = alive.remove(id);
        network.leave(id);
        authority.died(id);
        victim.kill(disks.get(id), false);
    }

    private void await(BooleanSupplier condition) {
        assertTrue(time.runUntil(condition, 20 * SECOND), () -> "not within 20 s: " + authority.partition());
    }

    private boolean inSync(int count) {
        PartitionImage now = authority.partition();
        return now.isr().size() == count && now.leader() > 0;
    }

    private int follower() {
        return authority.partition().isr().stream()
                .filter(id -> id != authority.partition().leader())
                .findFirst()
                .orElseThrow();
    }

    private Partition leader() {
        List<Partition> answer = new ArrayList<>();
        for (int tries = 0; tries < 100 && answer.isEmpty(); tries++) {
            SimulatedReplica asked = alive.get(authority.partition().leader());
            if (asked != null) {
                asked.with(answer::add, notYet -> {});
            }
            time.runUntil(() -> !answer.isEmpty(), SECOND / 10);
        }
        return answer.get(0);
    }

    /** Null when committed. */
    private List<IOException> append(Partition to, int count) {
        List<IOException> answers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            to.owner()
                    .execute(() -> to.append(
                            TestBatches.of(3, 100, 1000),
                            AppendOrigin.CLIENT,
                            true,
                            (done, failure) -> answers.add(failure)));
        }
        return answers;
    }

    private void appendAll(Partition to, int count) {
        List<IOException> answers = append(to, count);
        await(() -> answers.size() == count);
        answers.forEach(each -> assertEquals(null, each));
    }

    @Test
    void aFollowerThatEndsBeforeTheLeadersStartBeginsAnewInTheMiddleOfABatch() throws IOException {
        appendAll(leader(), 5);
        int behind = follower();
        kill(behind);
        await(() -> inSync(2));
        Partition leader = leader();
        appendAll(leader, 50);
        long[] start = {leader.highWatermark() - 5};
        leader.owner().execute(() -> {
            try {
                leader.advanceStartOffset(start[0]);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        await(() -> leader.log().startOffset() == start[0]);
        start(behind);
        await(() -> inSync(3));
        // It leads with what it has fetched.
        appendAll(leader(), 1);
        long end = leader().highWatermark();
        for (int id : List.copyOf(alive.keySet())) {
            if (id != behind) {
                kill(id);
                time.runFor(3 * SECOND);
                start(id);
                await(() -> authority.partition().leader() > 0);
            }
            if (authority.partition().leader() == behind) {
                break;
            }
        }
        await(() -> authority.partition().leader() == behind);
        await(() -> leader().settled());
        assertEquals(start[0], leader().log().startOffset());
        assertEquals(end, leader().log().endOffset());
    }

    /** Its start, in the middle of a batch, was on the disk when the power went, and no record was. */
    @Test
    void aFollowerWhoseEmptyLogStartsInTheMiddleOfABatchTakesThatBatch() throws IOException {
        appendAll(leader(), 5);
        int behind = follower();
        kill(behind);
        await(() -> inSync(2));
        empty(disks.get(behind), 7);
        start(behind);
        await(() -> inSync(3));
        appendAll(leader(), 1);
        assertEquals(18, leader().highWatermark());
    }

    private void empty(SimulatedDisk disk, long offset) throws IOException {
        LogId id = LogId.records(SimulatedReplica.TOPIC, 0);
        SimulatedOwner owner = new SimulatedOwner(time, "owner");
        List<PartitionLog> opened = new ArrayList<>();
        try (DirectoryLogStore store = DirectoryLogStore.open(
                StoreConfig.small(Path.of("/data")), disk, time, new SimulatedWorkers(time, "store"))) {
            store.delete(id)
                    .thenCompose(done -> store.open(id, LogConfig.defaults(), owner))
                    .thenAccept(opened::add);
            await(() -> !opened.isEmpty());
            opened.get(0).restartAt(offset);
        }
        disk.kill();
    }

    @Test
    void invariant3WithTooFewInSyncNothingIsWrittenAndWhatWasIsToldSo() {
        Partition leader = leader();
        appendAll(leader, 3);
        List<Integer> followers = new ArrayList<>(authority.partition().isr());
        followers.remove((Integer) authority.partition().leader());
        followers.forEach(this::kill);
        List<IOException> under = append(leader, 1);
        await(() -> under.size() == 1);
        assertEquals(
                Reason.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                assertInstanceOf(PartitionUnavailableException.class, under.get(0))
                        .reason());
        long end = leader.log().endOffset();
        List<IOException> refused = append(leader, 1);
        await(() -> refused.size() == 1);
        assertEquals(
                Reason.NOT_ENOUGH_REPLICAS,
                assertInstanceOf(PartitionUnavailableException.class, refused.get(0))
                        .reason());
        assertEquals(end, leader.log().endOffset());
        assertTrue(leader.highWatermark() < end, "nothing is committed by one of three");
    }

    @Test
    void invariant8ALeaderWithoutALeaseNeitherServesNorAcknowledges() {
        Partition leader = leader();
        appendAll(leader, 3);
        SimulatedReplica cut = alive.get(authority.partition().leader());
        cut.metadata.cut(SimulatedAuthority.SESSION_NANOS * 3);
        time.runFor(SimulatedAuthority.SESSION_NANOS + SECOND / 10);
        boolean[] serving = {true};
        leader.owner().execute(() -> serving[0] = leader.serving());
        List<IOException> unanswered = append(leader, 1);
        time.runFor(SECOND / 20);
        assertTrue(!serving[0], "it may have been taken for dead");
        assertTrue(unanswered.isEmpty() || unanswered.get(0) != null, "acknowledged by a leader without a lease");
    }
}
