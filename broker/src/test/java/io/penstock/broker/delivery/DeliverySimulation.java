package io.penstock.broker.delivery;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.simulation.DiskFault;
import io.penstock.storage.simulation.DiskOperation;
import io.penstock.storage.simulation.SimulatedCrash;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A world of one broker, one partition, producers and consumers, made from a seed and run by one thread: real storage
 * and delivery on a simulated disk, simulated time and a simulated owner. Every push and every answer is checked
 * against {@link GroupModel}.
 */
final class DeliverySimulation {

    static final long SECONDS = 60;
    private static final long SECOND = 1_000_000_000L;

    /** What goes wrong. */
    enum Fault {
        KILL,
        POWER_CUT,
        CLEAN_RESTART,
        DISK_FULL,
        WRITE_EIO,
        SHORT_WRITE,
        DEATH_IN_WRITE,
        READ_EIO,
        FAILED_FSYNC,
        SLOW_FSYNC,
        SESSION_CRASH,
        CLOCK_JUMP
    }

    /** Bugs put in on purpose, outside of the engine. */
    enum Sabotage {
        NONE,
        CONFIRM_BEFORE_DURABLE,
        FORGET_SESSION_END,
        FORGET_MARKS
    }

    final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    long operations;
    long acknowledged;

    private final SimulatedTime time;
    private final SimulatedDisk disk;
    private final RandomGenerator random;
    private final Sabotage sabotage;
    private final DeliveryConfig config = new DeliveryConfig(200, 4096, 16 << 10, 4 << 10, 256, 1000, 0, 1000, 200);
    private final Map<String, GroupModel> models = new HashMap<>();
    private final List<SimulatedSession> sessions = new ArrayList<>();
    private final List<SimulatedSession> ofThePast = new ArrayList<>();
    /** What each offset was read as, and what it was acknowledged as. */
    private final Map<Long, String> read = new HashMap<>();

    private final Map<Long, String> promised = new HashMap<>();
    private SimulatedBroker broker;
    private IOException startFailure;
    private boolean calm;
    private int nextSession = 1;
    private int nextMessage;
    private final RecordBatchBuilder builder = new RecordBatchBuilder(1024);

    DeliverySimulation(long seed, Sabotage sabotage) {
        this.time = new SimulatedTime(seed);
        this.disk = new SimulatedDisk(seed ^ 0x5EED);
        this.random = time.random();
        this.sabotage = sabotage;
        models.put(SimulatedBroker.QUEUE, new GroupModel(SimulatedBroker.QUEUE, time::nanos));
        models.put(SimulatedBroker.AUDIT, new GroupModel(SimulatedBroker.AUDIT, time::nanos));
    }

    /** Runs the world to its end; throws an {@link AssertionError} when something is wrong. */
    void run() {
        startBroker();
        for (String group : List.of(SimulatedBroker.QUEUE, SimulatedBroker.AUDIT)) {
            for (int i = 0; i < 3; i++) {
                newSession(group, 0);
            }
        }
        produce();
        fault();
        runUntil(SECONDS * SECOND);
        calmDown();
    }

    private void runUntil(long nanos) {
        while (time.nanos() < nanos) {
            try {
                time.runFor(Math.min(SECOND / 4, nanos - time.nanos()));
            } catch (SimulatedCrash death) {
                die(false);
            }
            if (broker != null && !broker.dead && broker.delivery.failure().isPresent()) {
                brokerFailed(broker);
            }
        }
    }

    /** Heals the world, gives everything back, and lets one consumer for each group take what is left. */
    private void calmDown() {
        calm = true;
        disk.clearFaults();
        for (SimulatedSession session : List.copyOf(sessions)) {
            session.crash();
        }
        sessions.clear();
        runUntil(time.nanos() + 3 * SECOND);
        for (int i = 0; i < 20 && (broker == null || broker.delivery.failure().isPresent()); i++) {
            runUntil(time.nanos() + SECOND);
        }
        if (broker == null || broker.delivery.failure().isPresent() || broker.partition.readFails != null) {
            throw new AssertionError(
                    "the broker is not healthy after its restart",
                    broker == null ? startFailure : broker.delivery.failure().orElse(null));
        }
        models.forEach((group, model) -> collector(group));
        runUntil(time.nanos() + 15 * SECOND);
        long end = broker.partition.highWatermark();
        promised.forEach((offset, id) -> {
            if (offset >= end) {
                throw new AssertionError("offset " + offset + " (" + id + ") was acknowledged, the log ends at " + end);
            }
            if (!id.equals(read.getOrDefault(offset, id))) {
                throw new AssertionError("offset " + offset + " is " + read.get(offset) + ", acknowledged as " + id);
            }
        });
        models.forEach((group, model) -> {
            model.finish(end);
            GroupStatistics left = broker.group(group).statistics();
            if (left.waiting() != 0 || left.acquired() != 0) {
                throw new AssertionError("left at the end: " + left + " " + broker.group(group));
            }
        });
    }

    // ---- clients

    private void produce() {
        if (calm) {
            return;
        }
        after(SECOND / 50 + random(2 * (int) SECOND / 25), this::produce);
        SimulatedBroker to = broker;
        if (to == null) {
            return;
        }
        operation();
        int count = 1 + random(5);
        builder.start(percent(20) ? Compression.GZIP : Compression.NONE);
        if (percent(50)) {
            builder.plain();
        }
        String[] ids = new String[count];
        for (int i = 0; i < count; i++) {
            ids[i] = "m" + nextMessage++;
            builder.beginRecord(time.millis())
                    .key(null)
                    .value((ids[i]).getBytes())
                    .endRecord();
        }
        ByteBuffer batch = builder.build();
        byte[] bytes = new byte[batch.remaining()];
        batch.get(bytes);
        to.owner.execute(
                () -> to.partition.append(ByteBuffer.wrap(bytes), AppendOrigin.CLIENT, true, (append, failure) -> {
                    if (failure == null) {
                        for (int i = 0; i < count; i++) {
                            promised.put(append.baseOffset() + i, ids[i]);
                            acknowledged++;
                        }
                    }
                }));
    }

    private void newSession(String group, long delayNanos) {
        after(delayNanos, () -> {
            if (!calm) {
                SessionKey key = new SessionKey(1000 + nextSession, nextSession++);
                SimulatedSession session = new SimulatedSession(this, key, group, models.get(group), false);
                sessions.add(session);
                session.connect();
            }
        });
    }

    private void collector(String group) {
        SimulatedSession session =
                new SimulatedSession(this, new SessionKey(9, nextSession++), group, models.get(group), true);
        sessions.add(session);
        session.connect();
    }

    /** A record was pushed: for every group, and for ever, the same one. */
    void pushed(long offset, String id) {
        String before = read.putIfAbsent(offset, id);
        if (before != null && !before.equals(id)) {
            throw new AssertionError("offset " + offset + " was " + before + " and is " + id);
        }
        String acked = promised.get(offset);
        if (acked != null && !acked.equals(id)) {
            throw new AssertionError("offset " + offset + " was acknowledged as " + acked + " and is " + id);
        }
    }

    // ---- the broker's lives

    private void startBroker() {
        try {
            disk.calls();
            broker = SimulatedBroker.start(time, disk, config, sabotage);
        } catch (IOException e) {
            startFailure = e;
            disk.kill();
            if (calm) {
                disk.clearFaults();
            }
            broker = null;
            after(SECOND / 5, () -> {
                if (broker == null) {
                    startBroker();
                }
            });
            return;
        } catch (SimulatedCrash death) {
            disk.kill();
            broker = null;
            after(SECOND / 5, this::startBroker);
            return;
        }
        SimulatedBroker started = broker;
        // Decided commits first, as the recovery of commits does.
        started.owner.runHere(() -> {
            reapply(started, ofThePast);
            reapply(started, sessions);
        });
        for (SimulatedSession session : List.copyOf(ofThePast)) {
            if (session.returns && !session.gone) {
                after(random(200_000_000), () -> {
                    if (!started.dead && !session.gone) {
                        session.comeBack(started);
                    }
                });
            }
        }
        after(config.sessionGraceMillis() * 1_000_000L + 100_000_000L, () -> {
            if (!started.dead) {
                models.values().forEach(GroupModel::graceOver);
                ofThePast.removeIf(session -> session.decided.isEmpty());
            }
        });
        if (!calm) {
            sessions.forEach(SimulatedSession::connect);
        }
    }

    private void reapply(SimulatedBroker to, List<SimulatedSession> of) {
        for (SimulatedSession session : of) {
            session.decided.keySet().stream().sorted().toList().forEach(number -> {
                OffsetRanges ranges = session.decided.get(number);
                to.group(session.group).reapplySettle(session.key, number, ranges, (outcome, failure) -> {
                    if (failure == null) {
                        models.get(session.group).reapplied(ranges);
                        session.decided.remove(number);
                    }
                });
            });
        }
    }

    /** @param powerCut what was not forced is lost, else only the process dies */
    private void die(boolean powerCut) {
        SimulatedBroker dying = broker;
        if (dying == null) {
            return;
        }
        ByteBuffer digest = !powerCut
                        && dying.delivery.working()
                        && !dying.delivery.writer().hasPending()
                ? dying.digest()
                : null;
        broker = null;
        dying.kill();
        if (powerCut) {
            disk.powerCut();
        } else {
            disk.kill();
        }
        List<SimulatedSession> left = List.copyOf(sessions);
        sessions.clear();
        for (SimulatedSession session : left) {
            session.disconnected();
            ofThePast.add(session);
            newSession(session.group, SECOND + random((int) SECOND));
        }
        models.values().forEach(model -> model.died(powerCut, this::returns));
        // A session that was there in the life before, or does not come back, is forgotten with the grace.
        long wait = 10_000_000 + random(400_000_000);
        after(wait, () -> {
            if (broker == null) {
                startBroker();
                compare(digest);
            }
        });
    }

    private boolean returns(SessionKey key) {
        return ofThePast.stream().anyMatch(session -> session.key.equals(key) && session.returns && !session.gone);
    }

    /** After a kill between two turns, replay must give what was there. */
    private void compare(ByteBuffer digest) {
        if (digest == null || broker == null || decidedLeft()) {
            return;
        }
        ByteBuffer now = broker.digest();
        if (!now.equals(digest)) {
            throw new AssertionError(
                    "replay of the ledger gives another state than there was:\n" + broker.delivery.groups());
        }
    }

    private boolean decidedLeft() {
        return ofThePast.stream().anyMatch(session -> !session.decided.isEmpty());
    }

    /** The engine says that it cannot go on: the broker is started anew. */
    void brokerFailed(SimulatedBroker failed) {
        if (failed != null && failed == broker) {
            after(1_000_000, () -> {
                if (failed == broker) {
                    die(percent(30));
                }
            });
        }
    }

    private void restartCleanly() {
        SimulatedBroker stopping = broker;
        if (stopping == null || !stopping.delivery.working()) {
            return;
        }
        stopping.owner.execute(() -> {
            stopping.delivery.close();
            after(100_000_000, () -> {
                if (stopping != broker) {
                    return;
                }
                try {
                    stopping.store.close();
                    happened(Fault.CLEAN_RESTART);
                } catch (IOException e) {
                    // The disk is at fault just now; then it is a kill.
                }
                die(false);
            });
        });
    }

    // ---- faults

    private void happened(Fault fault) {
        faults.merge(fault, 1, Integer::sum);
    }

    private void fault() {
        if (calm) {
            return;
        }
        after(2 * SECOND + (long) (random.nextDouble() * 4 * SECOND), this::fault);
        if (broker == null) {
            return;
        }
        Fault fault = Fault.values()[random(Fault.values().length)];
        switch (fault) {
            case KILL -> {
                happened(fault);
                die(false);
            }
            case POWER_CUT -> {
                happened(fault);
                die(true);
            }
            case CLEAN_RESTART -> restartCleanly();
            case DISK_FULL -> {
                happened(fault);
                disk.capacityBytes(1);
                after(SECOND / 2 + random((int) SECOND), () -> disk.capacityBytes(Long.MAX_VALUE));
            }
            case WRITE_EIO -> failWrites(fault, DiskFault.EIO);
            case SHORT_WRITE -> failWrites(fault, DiskFault.SHORT_WRITE);
            case DEATH_IN_WRITE -> failWrites(fault, DiskFault.CRASH);
            case READ_EIO -> {
                happened(fault);
                disk.failNth(DiskOperation.READ, 1 + random(5), DiskFault.EIO);
            }
            case FAILED_FSYNC -> {
                happened(fault);
                disk.forcesFail(true);
                after(SECOND / 4, () -> disk.forcesFail(false));
            }
            case SLOW_FSYNC -> {
                happened(fault);
                SimulatedBroker slow = broker;
                slow.workers.syncMaxNanos = SECOND / 2;
                after(2 * SECOND, () -> slow.workers.syncMaxNanos = 500_000);
            }
            case SESSION_CRASH -> {
                if (!sessions.isEmpty()) {
                    happened(fault);
                    SimulatedSession session = sessions.remove(random(sessions.size()));
                    session.crash();
                    ofThePast.add(session);
                    newSession(session.group, random((int) SECOND));
                }
            }
            case CLOCK_JUMP -> {
                happened(fault);
                time.jumpWallClock(percent(50) ? 3_600_000 : -3_600_000);
            }
        }
    }

    private void failWrites(Fault kind, DiskFault fault) {
        happened(kind);
        for (int i = 0; i < 1 + random(3); i++) {
            disk.failNth(DiskOperation.WRITE, 1 + random(4), fault);
        }
    }

    // ---- small things

    SimulatedBroker broker() {
        return broker;
    }

    Sabotage sabotage() {
        return sabotage;
    }

    /** After a turn of the owner that changed a group: when the turn's entries are in the ledger, the model knows. */
    void noteFlush(GroupModel model) {
        SimulatedBroker now = broker;
        long change = model.changes();
        if (now != null) {
            now.owner.execute(() -> {
                if (now.delivery.working() && !now.delivery.writer().hasPending()) {
                    model.flushed(change);
                }
            });
        }
    }

    void operation() {
        operations++;
    }

    long nanos() {
        return time.nanos();
    }

    void after(long delayNanos, Runnable task) {
        time.after(delayNanos, task);
    }

    int random(int bound) {
        return random.nextInt(bound);
    }

    boolean percent(int percent) {
        return random.nextInt(100) < percent;
    }
}
