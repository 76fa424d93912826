package io.penstock.broker.transaction.kafka;

import io.penstock.broker.partition.Partition;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordCursor;
import io.penstock.storage.log.LogConfig.FlushPolicy;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.PartitionLog.TransactionFate;
import io.penstock.storage.simulation.DiskFault;
import io.penstock.storage.simulation.DiskOperation;
import io.penstock.storage.simulation.SimulatedCrash;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * A world of one broker with Kafka's transactions, clients and their network, made from a seed and run by one thread. Of
 * each transaction it is known what was asked and what was answered; readers look at what is committed all the time.
 *
 * <p>What must hold (invariants 12, 13, 15, 16): a transaction becomes visible only when its commit was asked for, and
 * is then never aborted, in no partition; what was answered is what becomes true; with version 2 (producer id, epoch) names one
 * transaction; and when the world has calmed down nothing is undecided any more, so no reader stalls.
 */
final class TransactionSimulation {
    static final int TIMEOUT_MILLIS = 3_000;
    static final TransactionConfig CONFIG =
            new TransactionConfig(3_600_000, 60_000, 500, 60_000, 1, (short) 1, 1, 50, 100, 1_000, 50, 20_000);
    static final long SECONDS = 30;
    private static final long SECOND = 1_000_000_000L;
    private static final int READ_BYTES = 1 << 16;

    /** Bugs put in on purpose, outside of the engine. */
    enum Sabotage {
        NONE,
        /** Bug 15: Produce is taken without asking the coordinator, as before KIP-890. */
        VERIFY_NOTHING,
        /** The other half of bug 15: EndTxn is taken whatever epoch it names. */
        TAKE_LATE_ENDS,
        /** A marker counts although it is not on the disk. */
        COUNT_UNFORCED_MARKERS
    }

    final Map<String, Integer> counts = new HashMap<>();

    private final SimulatedTime time;
    private final SimulatedDisk disk;
    private final RandomGenerator random;
    private final Sabotage sabotage;
    final FlushPolicy policy;
    private final List<Known> transactions = new ArrayList<>();
    private final Set<ProducerIdentity> identities = new HashSet<>();
    private final List<SimulatedTransactor> clients = new ArrayList<>();
    private final long[] positions = new long[TransactionHost.PARTITIONS];
    private TransactionHost host;
    private int lives;
    private long nextProducerId = 100;
    private int records;
    private boolean calm;
    private int powerCuts;

    /** What is known of one transaction. */
    static final class Known {
        final int number;
        final ProducerIdentity client;
        private final int version;
        private final int powerCutsBefore;
        private final Map<Integer, Set<String>> acknowledged = new HashMap<>();
        /** What the client asked for; null while it has not. */
        Boolean asked;

        boolean answered;
        /** What readers saw become of it. */
        Boolean seen;

        Known(int number, ProducerIdentity client, int version, int powerCutsBefore) {
            this.number = number;
            this.client = client;
            this.version = version;
            this.powerCutsBefore = powerCutsBefore;
        }

        void acknowledged(int partition, String[] values) {
            acknowledged.computeIfAbsent(partition, made -> new HashSet<>()).addAll(List.of(values));
        }

        @Override
        public String toString() {
            return "transaction " + number + " of " + client + ", asked " + asked + ", answered " + answered + ", seen "
                    + seen;
        }
    }

    TransactionSimulation(long seed, Sabotage sabotage) {
        this.time = new SimulatedTime(seed);
        this.disk = new SimulatedDisk(seed ^ 0x5EED);
        this.random = time.random();
        this.sabotage = sabotage;
        this.policy = FlushPolicy.values()[(int) (seed % 3)];
    }

    /** Runs the world to its end; throws an {@link AssertionError} when something is wrong. */
    void run() {
        startBroker();
        for (int i = 0; i < 4; i++) {
            client("tx" + i, 1 + i % 2, 0);
        }
        fault();
        observe();
        runUntil(SECONDS * SECOND);
        calm = true;
        // Longer than any message is late, and any transaction may last.
        runUntil(time.nanos() + 5L * TIMEOUT_MILLIS * 1_000_000L);
        clients.forEach(SimulatedTransactor::stop);
        runUntil(time.nanos() + 3L * TIMEOUT_MILLIS * 1_000_000L);
        checkAtTheEnd();
    }

    private void runUntil(long nanos) {
        while (time.nanos() < nanos) {
            try {
                time.runFor(Math.min(SECOND / 4, nanos - time.nanos()));
            } catch (SimulatedCrash death) {
                die(false);
            }
            if (host != null && host.failure != null) {
                die(false);
            }
        }
    }

    // ---- clients

    private void client(String id, int version, long delayNanos) {
        after(delayNanos, () -> {
            SimulatedTransactor client = new SimulatedTransactor(this, id, version);
            clients.add(client);
            client.start();
        });
    }

    /** Another instance with its id. */
    void replace(SimulatedTransactor old, long delayNanos) {
        if (!calm) {
            client(old.id, 1 + random(2), delayNanos);
        }
    }

    Known begin(ProducerIdentity client, int version) {
        if (version >= Transaction.WITH_EPOCH_BUMP && !identities.add(client)) {
            throw new AssertionError(client + " names two transactions");
        }
        Known known = new Known(transactions.size(), client, version, powerCuts);
        transactions.add(known);
        count("transactions");
        return known;
    }

    void ended(Known transaction) {
        count(transaction.asked ? "commits" : "aborts");
        if (transaction.seen != null && !transaction.seen.equals(transaction.asked)) {
            throw new AssertionError("answered otherwise than it was: " + transaction);
        }
    }

    void fenced() {
        count("fenced");
    }

    int nextRecord() {
        return records++;
    }

    boolean calm() {
        return calm;
    }

    TransactionHost host() {
        return host;
    }

    // ---- the broker's lives

    private void startBroker() {
        try {
            lives++;
            host = new TransactionHost(
                    time,
                    disk,
                    policy,
                    lives,
                    sabotage,
                    done -> after(random(2_000_000), () -> done.accept(nextProducerId++)));
        } catch (IOException | SimulatedCrash e) {
            throw new AssertionError("the broker does not start", e);
        }
    }

    private void die(boolean powerCut) {
        if (host == null) {
            return;
        }
        host.kill();
        host = null;
        if (powerCut) {
            disk.powerCut();
            powerCuts++;
            count("power cuts");
        } else {
            disk.kill();
            count("kills");
        }
        after(10_000_000 + random(400_000_000), this::startBroker);
    }

    private void fault() {
        after(SECOND / 2 + (long) (random.nextDouble() * 4 * SECOND), () -> {
            if (calm) {
                return;
            }
            fault();
            switch (random(4)) {
                case 0 -> die(false);
                case 1 -> die(true);
                case 2 -> {
                    // Another instance takes the id, while the first goes on as a zombie.
                    count("zombies");
                    client("tx" + random(4), 1 + random(2), 0);
                }
                default -> {
                    count("failed writes");
                    if (host != null) {
                        disk.failNth(DiskOperation.WRITE, 1 + random(20), DiskFault.EIO);
                    }
                }
            }
        });
    }

    // ---- what readers see

    private void observe() {
        after(SECOND / 10, this::observe);
        TransactionHost at = host;
        if (at == null || !at.serves()) {
            return;
        }
        at.owner.runHere(() -> {
            for (Partition partition : at.partitions) {
                long committed = partition.highWatermark();
                // With the other policies a power cut takes back what had been read.
                positions[partition.index()] = Math.min(positions[partition.index()], committed);
                positions[partition.index()] = read(partition, positions[partition.index()], null);
            }
        });
    }

    private long read(Partition partition, long from, Map<Integer, Set<String>> visible) {
        long position = from;
        try {
            while (true) {
                try (LogSlice slice = partition.read(position, READ_BYTES, true, true)) {
                    if (slice.sizeBytes() == 0) {
                        return position;
                    }
                    ByteBuffer bytes = ByteBuffer.allocate(slice.sizeBytes());
                    slice.readInto(bytes);
                    position = read(partition, bytes.flip(), visible);
                }
            }
        } catch (IOException e) {
            // The disk is at fault just now.
            return position;
        }
    }

    private long read(Partition partition, ByteBuffer bytes, Map<Integer, Set<String>> visible) throws IOException {
        long next = 0;
        for (int at = 0; at < bytes.limit(); ) {
            RecordBatch batch = RecordBatch.of(bytes).wrap(bytes, at);
            if (!batch.control()) {
                TransactionFate fate = partition.transactions().fate(batch.producerId(), batch.baseOffset());
                RecordCursor cursor = new RecordCursor().open(batch, Integer.MAX_VALUE);
                while (cursor.next()) {
                    String value = StandardCharsets.US_ASCII
                            .decode(cursor.record().value())
                            .toString();
                    seen(partition, value, fate);
                    if (visible != null && fate == TransactionFate.COMMITTED) {
                        visible.computeIfAbsent(partition.index(), made -> new HashSet<>())
                                .add(value);
                    }
                }
            }
            next = batch.nextOffset();
            at = batch.end();
        }
        return next;
    }

    private void seen(Partition partition, String value, TransactionFate fate) {
        Known transaction = transactions.get(Integer.parseInt(value.substring(0, value.indexOf(':'))));
        String where = value + " in partition " + partition.index() + " is " + fate + ": " + transaction;
        if (fate == TransactionFate.UNDECIDED) {
            throw new AssertionError("below the last stable offset, " + where);
        }
        boolean committed = fate == TransactionFate.COMMITTED;
        if (!committed && mayBeLate(transaction)) {
            count("late copies");
            return;
        }
        if (committed && !Boolean.TRUE.equals(transaction.asked)) {
            throw new AssertionError("nobody asked for its commit, " + where);
        }
        if (transaction.answered && committed != transaction.asked) {
            throw new AssertionError("answered otherwise, " + where);
        }
        if (transaction.seen != null && transaction.seen != committed) {
            throw new AssertionError("neither all nor nothing, " + where);
        }
        transaction.seen = committed;
        count(committed ? "records committed" : "records aborted");
    }

    /**
     * By version 1 a client's transactions have one epoch (KIP-890): a late copy of a batch lands in the next one, when a
     * power cut has taken the first, and with it what is known of its sequence.
     */
    private boolean mayBeLate(Known transaction) {
        return transaction.version < Transaction.WITH_EPOCH_BUMP
                && policy != FlushPolicy.BEFORE_REPLY
                && powerCuts > transaction.powerCutsBefore;
    }

    private void checkAtTheEnd() {
        if (host == null || !host.serves()) {
            throw new AssertionError("the broker does not serve at the end", host == null ? null : host.failure);
        }
        Map<Integer, Set<String>> visible = new HashMap<>();
        host.owner.runHere(() -> {
            for (Partition partition : host.partitions) {
                long stable = partition.lastStableOffset();
                if (stable != partition.highWatermark()) {
                    throw new AssertionError(
                            "readers of partition " + partition.index() + " stall at " + stable + " of "
                                    + partition.highWatermark() + ": "
                                    + partition.log().producers());
                }
                read(partition, 0, visible);
            }
        });
        for (Known transaction : transactions) {
            // With the other policies a power cut may take what was acknowledged and not decided.
            if (transaction.answered && transaction.asked && (policy == FlushPolicy.BEFORE_REPLY || powerCuts == 0)) {
                transaction.acknowledged.forEach((partition, values) -> {
                    if (!visible.getOrDefault(partition, Set.of()).containsAll(values)) {
                        throw new AssertionError("lost: " + values + " of " + transaction);
                    }
                });
            }
        }
    }

    // ---- small things

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
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
