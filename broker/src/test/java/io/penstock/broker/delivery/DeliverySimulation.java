package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionTransactions;
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
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * A world of one broker, its partitions, producers and consumers, made from a seed and run by one thread: real storage
 * and delivery on a simulated disk, simulated time and a simulated owner. Every push and every answer is checked
 * against {@link GroupModel}.
 */
final class DeliverySimulation {

    static final long SECONDS = 60;
    private static final String MARKER = "marker";
    private static final List<String> COLORS = List.of("red", "green", "blue");
    /** Of a queue's consumers; null takes everything, what only the third one wants waits for it. */
    static final List<String> SELECTORS = java.util.Arrays.asList(null, "color = 'red'", "color IN ('red', 'blue')");

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
        GROUP_DELETED,
        CLOCK_JUMP
    }

    /** Bugs put in on purpose, outside of the engine. */
    enum Sabotage {
        NONE,
        CONFIRM_BEFORE_DURABLE,
        FORGET_SESSION_END,
        FORGET_MARKS,
        /** Delivery reads undecided batches as if they were plain. */
        DELIVER_UNDECIDED,
        /** Records do not say what orders them. */
        FORGET_PRIORITIES,
        FORGET_DELAYS,
        FORGET_MESSAGE_GROUPS
    }

    final Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
    long operations;
    long acknowledged;
    long duplicates;
    long drains;
    long endedByDeletion;
    long messagesSkippable;
    long committedTransactions;
    long abortedTransactions;
    long inTransactions;
    long ordered;

    /** Messages have priorities, delays and message groups. */
    private final boolean ordering;

    private long latestDueMillis;
    private long jumpedNanos = Long.MIN_VALUE / 2;
    private final SimulatedTime time;
    private final SimulatedDisk disk;
    private final RandomGenerator random;
    private final Sabotage sabotage;
    private final DeliveryConfig config = new DeliveryConfig(200, 4096, 16 << 10, 4 << 10, 256, 1000, 1000, 200, 3000);
    private final Map<Place, GroupModel> models = new LinkedHashMap<>();
    private final List<Map<Long, Message>> written = new ArrayList<>();
    private final List<IdempotentProducer> idempotent = new ArrayList<>();
    private final List<TransactionalProducer> transactional =
            List.of(new TransactionalProducer(1L << 40), new TransactionalProducer(1L << 41));
    private final List<SimulatedTransaction> decided = new ArrayList<>();
    /** NON_PERSISTENT records below may be discarded, by partition; and those that must be, in this life. */
    private final long[] discarded = new long[SimulatedBroker.PARTITIONS];

    private final long[] discardedNow = new long[SimulatedBroker.PARTITIONS];
    private final Map<String, At> places = new HashMap<>();
    private long latestMillis;
    private long liveIncarnation = 1;
    private long nextProducerId = 1;
    private final List<SimulatedSession> sessions = new ArrayList<>();
    private final List<SimulatedSession> ofThePast = new ArrayList<>();
    /** What each offset was read as, and what it was acknowledged as. */
    private final Map<At, String> read = new HashMap<>();

    private final Map<At, String> promised = new HashMap<>();
    private SimulatedBroker broker;
    private IOException startFailure;
    private boolean calm;

    private int nextSession = 1;
    private int nextMessage;
    private final RecordBatchBuilder builder = new RecordBatchBuilder(1024);

    DeliverySimulation(long seed, Sabotage sabotage) {
        this(seed, sabotage, false);
    }

    DeliverySimulation(long seed, Sabotage sabotage, boolean ordering) {
        this.ordering = ordering;
        this.time = new SimulatedTime(seed);
        this.disk = new SimulatedDisk(seed ^ 0x5EED);
        this.random = time.random();
        this.sabotage = sabotage;
        for (int part = 0; part < SimulatedBroker.PARTITIONS; part++) {
            written.add(new HashMap<>());
            newModel(part, SimulatedBroker.QUEUE, 0);
            newModel(part, SimulatedBroker.AUDIT, 0);
            idempotent.add(new IdempotentProducer());
        }
    }

    /** A record as it was written; what a group may skip follows from it. */
    private record Message(
            String id,
            long expiresAtMillis,
            boolean nonPersistent,
            boolean fromSubscriber,
            String color,
            SimulatedTransaction transaction,
            MessageOrder order) {
        boolean uncommitted() {
            return id.equals(MARKER) || !Boolean.TRUE.equals(transaction.commit);
        }
    }

    /** A group on a partition. */
    private record Place(int part, String group) {}

    /** A record's place in the world. */
    private record At(int part, long offset) {}

    /** Sends its batches again until they are answered, and sometimes afterwards. */
    private static final class IdempotentProducer {
        private long producerId;
        private int sequence;
        private List<Message> messages = List.of();
        private byte[] batch;
        private boolean answered = true;
        private long baseOffset;
    }

    /** A Kafka producer's transaction; what is decided stays so, over all lives of the broker. */
    private static final class SimulatedTransaction {
        private final long producerId;
        private final short epoch;
        private final Set<Integer> parts = new TreeSet<>();
        private final Map<At, String> acknowledged = new HashMap<>();
        private final Set<Integer> markersLeft = new TreeSet<>();
        private int inFlight;
        private Boolean commit;

        SimulatedTransaction(long producerId, short epoch) {
            this.producerId = producerId;
            this.epoch = epoch;
        }
    }

    /** Begins its next transaction, with the next epoch, when the last is complete (KIP-890). */
    private static final class TransactionalProducer {
        private final long producerId;
        private final int[] sequences = new int[SimulatedBroker.PARTITIONS];
        private short epoch;
        private SimulatedTransaction now;

        TransactionalProducer(long producerId) {
            this.producerId = producerId;
        }
    }

    private void newModel(int part, String group, long start) {
        boolean excludes = group.equals(SimulatedBroker.AUDIT);
        GroupModel model = new GroupModel(
                group + "-" + part,
                group.equals(SimulatedBroker.QUEUE),
                time::nanos,
                start,
                offset -> maySkip(part, offset, excludes),
                offset -> inTransaction(part, offset));
        models.put(new Place(part, group), ordering ? model.ordered(order(part, group)) : model);
    }

    private MessageOrder.World order(int part, String group) {
        return new MessageOrder.World(
                offset -> written.get(part).get(offset).order,
                () -> broker.part(part).partition.highWatermark(),
                () -> {
                    SharePartition engine = broker.part(part).group(group);
                    return !engine.awaiting() && engine.state().table.heldRecords() < config.inFlightRecordsMax();
                },
                offset -> {
                    long due = written.get(part).get(offset).order.dueMillis();
                    boolean noticed = time.nanos() - jumpedNanos > 7 * SECOND;
                    return due == 0 || noticed && due + 50 < time.millis();
                },
                () -> Math.max(latestMillis, time.millis()));
    }

    private MessageOrder newOrder() {
        if (!ordering) {
            return MessageOrder.NONE;
        }
        long due = percent(10) ? time.millis() + random(3_000) : 0;
        latestDueMillis = Math.max(latestDueMillis, due);
        MessageOrder order =
                new MessageOrder(percent(25) ? random(10) : 4, due, percent(30) ? "group-" + random(4) : null);
        ordered += order.special() ? 1 : 0;
        return order;
    }

    private boolean maySkip(int part, long offset, boolean excludes) {
        latestMillis = Math.max(latestMillis, time.millis());
        Message message = written.get(part).get(offset);
        return message != null
                && (message.transaction != null && message.uncommitted()
                        || message.expiresAtMillis > 0 && message.expiresAtMillis <= latestMillis
                        || message.nonPersistent && offset < discarded[part]
                        || message.fromSubscriber && excludes
                        || message.color.equals("green") && excludes);
    }

    private boolean inTransaction(int part, long offset) {
        Message message = written.get(part).get(offset);
        return message != null && message.transaction != null;
    }

    /** What a selector must say, without its compiler. */
    boolean matches(int part, long offset, String selector) {
        if (selector == null) {
            return true;
        }
        Message message = written.get(part).get(offset);
        return message != null
                && (message.color.equals("red") || message.color.equals("blue") && selector.equals(SELECTORS.get(2)));
    }

    /** Runs the world to its end; throws an {@link AssertionError} when something is wrong. */
    void run() {
        startBroker();
        for (Place place : List.copyOf(models.keySet())) {
            for (int i = 0; i < (place.group.equals(SimulatedBroker.LIVE) ? 1 : 2); i++) {
                newSession(place.part, place.group, 0);
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
            if (broker != null && !broker.dead && broker.failure().isPresent()) {
                brokerFailed(broker);
            }
        }
    }

    /** Heals the world, gives everything back, and lets one consumer for each group take what is left. */
    private void calmDown() {
        calm = true;
        disk.clearFaults();
        if (time.millis() < latestDueMillis) {
            latestMillis = Math.max(latestMillis, time.millis());
            time.jumpWallClock(latestDueMillis - time.millis());
            jumpedNanos = time.nanos();
        }
        for (SimulatedSession session : List.copyOf(sessions)) {
            session.crash();
        }
        sessions.clear();
        transactional.forEach(producer -> {
            if (producer.now != null) {
                decide(producer.now, false);
            }
        });
        runUntil(time.nanos() + 3 * SECOND);
        for (int i = 0; i < 20 && (broker == null || broker.failure().isPresent()); i++) {
            runUntil(time.nanos() + SECOND);
        }
        if (broker == null || broker.failure().isPresent()) {
            throw new AssertionError(
                    "the broker is not healthy after its restart",
                    broker == null ? startFailure : broker.failure().orElse(null));
        }
        models.keySet().forEach(place -> collector(place.part, place.group));
        runUntil(time.nanos() + 15 * SECOND);
        sessions.forEach(session -> session.drainsDone = -1);
        sessions.forEach(SimulatedSession::drain);
        runUntil(time.nanos() + SECOND / 10);
        sessions.forEach(session -> {
            if (session.drainsDone < 0) {
                throw new AssertionError("a drain of " + session.group + " was not answered");
            }
        });
        checkTransactions();
        promised.forEach((at, id) -> {
            long end = broker.part(at.part).partition.highWatermark();
            if (at.offset >= end) {
                throw new AssertionError(at + " (" + id + ") was acknowledged, the log ends at " + end);
            }
            if (!id.equals(read.getOrDefault(at, id))) {
                throw new AssertionError(at + " is " + read.get(at) + ", acknowledged as " + id);
            }
        });
        models.forEach((place, model) -> {
            SimulatedBroker.Part part = broker.part(place.part);
            model.finish(part.partition.highWatermark());
            GroupStatistics left = part.group(place.group).statistics();
            if (left.waiting() != 0 || left.acquired() != 0) {
                throw new AssertionError("left at the end: " + left + " " + part.group(place.group));
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
        int part = random(SimulatedBroker.PARTITIONS);
        if (percent(25)) {
            produceInTransaction(to, part, transactional.get(random(transactional.size())));
            return;
        }
        if (percent(40)) {
            produceIdempotently(to, part);
            return;
        }
        List<Message> messages = newMessages();
        boolean ordinary = messages.stream().noneMatch(this::special);
        builder.start(percent(20) ? Compression.GZIP : Compression.NONE);
        if (ordinary && percent(50)) {
            builder.plain();
        }
        byte[] bytes = build(messages);
        // As Kafka's acks=1: nothing is promised.
        boolean wait = percent(85);
        to.owner.execute(() -> append(to, part, bytes, messages, wait, (append, failure) -> {
            if (failure == null && wait) {
                promise(part, append.baseOffset(), messages);
            }
        }));
    }

    private boolean special(Message message) {
        return message.expiresAtMillis > 0 || message.nonPersistent || message.fromSubscriber;
    }

    private List<Message> newMessages() {
        List<Message> messages = new ArrayList<>();
        int count = 1 + random(5);
        for (int i = 0; i < count; i++) {
            Message message = new Message(
                    "m" + nextMessage++,
                    percent(10) ? time.millis() + 1 + random(3000) : 0,
                    percent(10),
                    percent(10),
                    COLORS.get(random(3)),
                    null,
                    newOrder());
            messagesSkippable += special(message) ? 1 : 0;
            messages.add(message);
        }
        return messages;
    }

    private byte[] build(List<Message> messages) {
        for (Message message : messages) {
            MessageOrder order = message.order;
            boolean keyed = order.group() != null && sabotage != Sabotage.FORGET_MESSAGE_GROUPS;
            builder.beginRecord(time.millis())
                    .key(keyed ? order.group().getBytes(StandardCharsets.US_ASCII) : null)
                    .value(message.id.getBytes(StandardCharsets.US_ASCII));
            if (message.expiresAtMillis > 0) {
                builder.header("JMSExpiration", Long.toString(message.expiresAtMillis));
            }
            if (message.nonPersistent) {
                builder.header("JMSDeliveryMode", "NON_PERSISTENT");
            }
            builder.header("color", message.color);
            if (order.priority() != 4 && sabotage != Sabotage.FORGET_PRIORITIES) {
                builder.header("JMSPriority", Integer.toString(order.priority()));
            }
            if (order.dueMillis() > 0 && sabotage != Sabotage.FORGET_DELAYS) {
                builder.header("JMSDeliveryTime", Long.toString(order.dueMillis()));
            }
            if (order.special()) {
                builder.notInOrder();
            }
            if (message.fromSubscriber) {
                builder.header("penstock.sender", SimulatedBroker.SENDER);
            }
            builder.endRecord();
        }
        ByteBuffer batch = builder.build();
        byte[] bytes = new byte[batch.remaining()];
        batch.get(bytes);
        return bytes;
    }

    /** Appends a copy, and notes what lies where. */
    private void append(
            SimulatedBroker to,
            int part,
            byte[] batch,
            List<Message> messages,
            boolean wait,
            Partition.AppendCallback callback) {
        Partition partition = to.part(part).partition;
        long base = partition.log().endOffset();
        // Before the append, which may be the death of the broker; what is refused is overwritten by the next.
        for (int i = 0; i < messages.size(); i++) {
            written.get(part).put(base + i, messages.get(i));
        }
        partition.append(ByteBuffer.wrap(batch.clone()), AppendOrigin.CLIENT, wait, callback);
    }

    private void promise(int part, long baseOffset, List<Message> messages) {
        for (int i = 0; i < messages.size(); i++) {
            promised.put(new At(part, baseOffset + i), messages.get(i).id);
            acknowledged++;
        }
    }

    private void produceIdempotently(SimulatedBroker to, int part) {
        IdempotentProducer producer = idempotent.get(part);
        if (producer.answered && (producer.batch == null || percent(80))) {
            if (producer.producerId == 0) {
                producer.producerId = nextProducerId++;
            }
            producer.messages = newMessages();
            builder.start(Compression.NONE, producer.producerId, (short) 0, producer.sequence);
            producer.batch = build(producer.messages);
            producer.answered = false;
            producer.baseOffset = -1;
            producer.sequence += producer.messages.size();
        }
        byte[] batch = producer.batch;
        List<Message> messages = producer.messages;
        to.owner.execute(() -> append(to, part, batch, messages, true, (append, failure) -> {
            if (failure != null || producer.batch != batch) {
                return;
            }
            duplicates += append.duplicate() ? 1 : 0;
            if (producer.answered && append.baseOffset() != producer.baseOffset) {
                throw new AssertionError("a batch that was at " + producer.baseOffset + " is at " + append.baseOffset()
                        + " when it is sent again: " + append);
            }
            if (!producer.answered) {
                producer.answered = true;
                producer.baseOffset = append.baseOffset();
                promise(part, append.baseOffset(), messages);
            }
        }));
    }

    private void produceInTransaction(SimulatedBroker to, int part, TransactionalProducer producer) {
        SimulatedTransaction now = producer.now;
        if (now != null && now.commit != null) {
            if (!now.markersLeft.isEmpty()) {
                return;
            }
            now = null;
        }
        if (now == null) {
            now = new SimulatedTransaction(producer.producerId, producer.epoch++);
            producer.now = now;
            Arrays.fill(producer.sequences, 0);
        }
        if (!now.parts.isEmpty() && percent(20)) {
            decide(now, now.inFlight == 0 && percent(70));
            return;
        }
        SimulatedTransaction transaction = now;
        List<Message> messages = new ArrayList<>();
        for (int i = random(3); i >= 0; i--) {
            messages.add(
                    new Message("t" + nextMessage++, 0, false, false, COLORS.get(random(3)), transaction, newOrder()));
        }
        builder.start(Compression.NONE, transaction.producerId, transaction.epoch, producer.sequences[part])
                .transactional();
        if (percent(50)) {
            builder.plain();
        }
        byte[] batch = build(messages);
        producer.sequences[part] += messages.size();
        transaction.parts.add(part);
        transaction.inFlight++;
        to.owner.execute(() -> {
            if (transaction.commit != null) {
                return;
            }
            // As the gate does when the coordinator has said yes.
            PartitionTransactions gate = to.part(part).partition.transactions();
            gate.verify(transaction.producerId)
                    .finish(() -> append(to, part, batch, messages, true, (append, failure) -> {
                        transaction.inFlight--;
                        if (failure != null) {
                            decide(transaction, false);
                            return;
                        }
                        promise(part, append.baseOffset(), messages);
                        for (int i = 0; i < messages.size(); i++) {
                            transaction.acknowledged.put(new At(part, append.baseOffset() + i), messages.get(i).id);
                        }
                    }));
        });
    }

    private void decide(SimulatedTransaction transaction, boolean commit) {
        if (transaction.commit == null) {
            transaction.commit = commit;
            transaction.markersLeft.addAll(transaction.parts);
            decided.add(transaction);
            sendMarkers(transaction);
        }
    }

    /** As the coordinator does: again until all are committed, also after a crash between the decision and the end. */
    private void sendMarkers(SimulatedTransaction transaction) {
        SimulatedBroker to = broker;
        if (transaction.markersLeft.isEmpty()) {
            return;
        }
        after(SECOND / 3, () -> sendMarkers(transaction));
        if (to == null || to.dead) {
            return;
        }
        for (int part : List.copyOf(transaction.markersLeft)) {
            to.owner.schedule(() -> sendMarker(to, part, transaction), random(40_000_000));
        }
    }

    private void sendMarker(SimulatedBroker to, int part, SimulatedTransaction transaction) {
        if (!transaction.markersLeft.contains(part)) {
            return;
        }
        Partition partition = to.part(part).partition;
        written.get(part)
                .put(
                        partition.log().endOffset(),
                        new Message(MARKER, 0, false, false, "none", transaction, MessageOrder.NONE));
        partition
                .transactions()
                .end(
                        transaction.commit,
                        transaction.producerId,
                        (short) (transaction.epoch + 1),
                        1,
                        true,
                        (append, failure) -> {
                            if (failure == null && transaction.markersLeft.remove(part)) {
                                operation();
                            }
                        });
    }

    /** Invariants 12 and 13, for what is in transactions: all of a committed one is delivered, nothing of an aborted. */
    private void checkTransactions() {
        for (SimulatedTransaction transaction : decided) {
            if (!transaction.markersLeft.isEmpty()) {
                throw new AssertionError("markers were not written: " + transaction.markersLeft);
            }
            committedTransactions += transaction.commit ? 1 : 0;
            abortedTransactions += transaction.commit ? 0 : 1;
            transaction.acknowledged.forEach((at, id) -> {
                if (transaction.commit && !id.equals(read.get(at))) {
                    throw new AssertionError(at + " (" + id + ") was committed and is not delivered: " + read.get(at)
                            + describe(at, transaction));
                }
            });
        }
    }

    private String describe(At at, SimulatedTransaction transaction) {
        Partition partition = broker.part(at.part).partition;
        try {
            return "; producer " + transaction.producerId + " epoch " + transaction.epoch + ", acknowledged "
                    + transaction.acknowledged.keySet() + ", the log says "
                    + partition.transactions().fate(transaction.producerId, at.offset) + ", aborted "
                    + partition.transactions().aborted(at.offset, at.offset + 1) + ", it starts at "
                    + partition.log().startOffset() + ", "
                    + broker.part(at.part).delivery.groups();
        } catch (IOException e) {
            return "; " + e;
        }
    }

    private void newSession(int part, String group, long delayNanos) {
        after(delayNanos, () -> {
            if (broker == null && group.equals(SimulatedBroker.LIVE)) {
                // The subscription begins anew with the broker, and its model too.
                newSession(part, group, SECOND / 10);
            } else if (!calm) {
                SessionKey key = new SessionKey(1000 + nextSession, nextSession++);
                SimulatedSession session =
                        new SimulatedSession(this, key, part, group, models.get(new Place(part, group)), false);
                sessions.add(session);
                session.connect();
            }
        });
    }

    private void collector(int part, String group) {
        SimulatedSession session = new SimulatedSession(
                this, new SessionKey(9, nextSession++), part, group, models.get(new Place(part, group)), true);
        sessions.add(session);
        session.connect();
    }

    /** A record was pushed: for every group, and for ever, the same one, and one that the group may have. */
    void pushed(int part, String group, long offset, String id) {
        At at = new At(part, offset);
        String before = read.putIfAbsent(at, id);
        if (before != null && !before.equals(id)) {
            throw new AssertionError(at + " was " + before + " and is " + id);
        }
        String acked = promised.get(at);
        if (acked != null && !acked.equals(id)) {
            throw new AssertionError(at + " was acknowledged as " + acked + " and is " + id);
        }
        At other = places.putIfAbsent(id, at);
        if (other != null && !other.equals(at)) {
            throw new AssertionError(id + " is there twice: " + other + " and " + at);
        }
        Message message = written.get(part).get(offset);
        if (!message.id.equals(id)) {
            throw new AssertionError(at + " is " + id + ", written was " + message);
        }
        boolean expired = message.expiresAtMillis > 0 && message.expiresAtMillis <= time.millis();
        boolean excluded =
                (message.fromSubscriber || message.color.equals("green")) && group.equals(SimulatedBroker.AUDIT);
        boolean discard = message.nonPersistent && offset < discardedNow[part];
        SimulatedTransaction transaction = message.transaction;
        if (transaction != null && message.uncommitted()) {
            throw new AssertionError(at + " was delivered to " + group + ", and its transaction is "
                    + (transaction.commit == null ? "undecided" : "aborted"));
        }
        inTransactions += transaction != null ? 1 : 0;
        if (expired || excluded || discard) {
            throw new AssertionError(at + " must not be delivered to " + group + ": " + message);
        }
    }

    void drained() {
        drains++;
    }

    void endedByDeletion() {
        endedByDeletion++;
    }

    // ---- the broker's lives

    private void startBroker() {
        try {
            disk.calls();
            broker = SimulatedBroker.start(time, disk, config, sabotage, liveIncarnation);
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
        for (int part = 0; part < SimulatedBroker.PARTITIONS; part++) {
            Partition partition = started.part(part).partition;
            discardedNow[part] = started.store.startedClean() ? 0 : partition.openedEndOffset();
            discarded[part] = Math.max(discarded[part], discardedNow[part]);
            newModel(part, SimulatedBroker.LIVE, partition.highWatermark());
        }
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
                to.part(session.part)
                        .group(session.group)
                        .reapplySettle(session.key, number, ranges, (outcome, failure) -> {
                            if (failure == null) {
                                models.get(new Place(session.part, session.group))
                                        .reapplied(ranges);
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
        List<ByteBuffer> digests = new ArrayList<>();
        List<Map<String, Long>> nexts = new ArrayList<>();
        for (SimulatedBroker.Part part : dying.parts) {
            nexts.add(part.nextOffsets());
            boolean comparable = !powerCut
                    && part.delivery.working()
                    && !part.delivery.writer().hasPending();
            digests.add(comparable ? part.digest() : null);
        }
        broker = null;
        dying.kill();
        for (TransactionalProducer producer : transactional) {
            if (producer.now != null && (producer.now.inFlight > 0 || percent(50))) {
                decide(producer.now, false);
            }
        }
        if (powerCut) {
            disk.powerCut();
        } else {
            disk.kill();
        }
        List<SimulatedSession> left = List.copyOf(sessions);
        sessions.clear();
        for (SimulatedSession session : left) {
            session.disconnected();
            if (session.group.equals(SimulatedBroker.LIVE)) {
                session.orphaned();
            } else {
                ofThePast.add(session);
            }
            newSession(session.part, session.group, SECOND + random((int) SECOND));
        }
        models.values().forEach(model -> model.died(powerCut, this::returns));
        // A session that was there in the life before, or does not come back, is forgotten with the grace.
        long wait = 10_000_000 + random(400_000_000);
        after(wait, () -> {
            if (broker == null) {
                startBroker();
                compare(digests, nexts);
            }
        });
    }

    private boolean returns(SessionKey key) {
        return ofThePast.stream().anyMatch(session -> session.key.equals(key) && session.returns && !session.gone);
    }

    /**
     * After a kill between two turns, replay must give what was there; but that markers and aborted batches were
     * skipped is not logged, and found again.
     */
    private void compare(List<ByteBuffer> digests, List<Map<String, Long>> nexts) {
        if (broker == null || decidedLeft()) {
            return;
        }
        for (int i = 0; i < digests.size(); i++) {
            int index = i;
            if (digests.get(i) != null) {
                nexts.get(i).forEach((group, next) -> skipAgain(index, group, next));
            }
            if (digests.get(i) != null && !broker.part(i).digest().equals(digests.get(i))) {
                throw new AssertionError("replay of the ledger gives another state than there was:\n"
                        + broker.part(i).delivery.groups());
            }
        }
    }

    private void skipAgain(int part, String group, long next) {
        GroupState state = broker.part(part).group(group).state();
        long offset = state.nextOffset();
        while (offset < next && isSkipped(written.get(part).get(offset))) {
            offset++;
        }
        if (offset == next) {
            state.skipTo(next);
        }
    }

    private static boolean isSkipped(Message message) {
        SimulatedTransaction transaction = message.transaction;
        return transaction != null && (message.id.equals(MARKER) || Boolean.FALSE.equals(transaction.commit));
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
        if (stopping == null || !stopping.working()) {
            return;
        }
        stopping.owner.execute(() -> {
            stopping.parts.forEach(part -> part.delivery.close());
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
                    if (!session.group.equals(SimulatedBroker.LIVE)) {
                        ofThePast.add(session);
                    }
                    newSession(session.part, session.group, random((int) SECOND));
                }
            }
            case GROUP_DELETED -> {
                if (broker.working()) {
                    happened(fault);
                    deleteLive(random(SimulatedBroker.PARTITIONS));
                }
            }
            case CLOCK_JUMP -> {
                happened(fault);
                latestMillis = Math.max(latestMillis, time.millis());
                jumpedNanos = time.nanos();
                time.jumpWallClock(percent(50) ? 3_600_000 : -3_600_000);
            }
        }
    }

    /** The non-durable subscription goes with all that its sessions hold, and another takes its name. */
    private void deleteLive(int part) {
        SimulatedBroker at = broker;
        for (SimulatedSession session : List.copyOf(sessions)) {
            if (session.part == part && session.group.equals(SimulatedBroker.LIVE)) {
                sessions.remove(session);
                session.orphaned();
                newSession(part, SimulatedBroker.LIVE, random((int) SECOND));
            }
        }
        liveIncarnation++;
        at.owner.runHere(() -> {
            PartitionDelivery delivery = at.part(part).delivery;
            delivery.group(SimulatedBroker.LIVE)
                    .ifPresent(old -> delivery.deleteGroup(
                            SimulatedBroker.LIVE, old.spec().incarnation(), refusal -> {}));
            at.part(part).createLive(liveIncarnation);
            newModel(part, SimulatedBroker.LIVE, at.part(part).partition.highWatermark());
        });
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
    void noteFlush(int part, GroupModel model) {
        SimulatedBroker now = broker;
        long change = model.changes();
        if (now != null) {
            now.owner.execute(() -> {
                if (now.part(part).delivery.working()
                        && !now.part(part).delivery.writer().hasPending()) {
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
