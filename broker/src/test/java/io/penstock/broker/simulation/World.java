package io.penstock.broker.simulation;

import io.penstock.protocol.message.AcquiredRange;
import io.penstock.protocol.message.DeliverPush;
import io.penstock.protocol.message.PushHeader;
import io.penstock.protocol.message.PushKind;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/** The cluster, what its clients know for certain, and how far they have come. */
final class World {
    final SimulatedCluster cluster;
    private final Map<Place, Truth> truths = new LinkedHashMap<>();
    private final Map<Place, QueueModel> queues = new LinkedHashMap<>();
    private final TransactionModel transactions;
    /** Whose consumers are where: by their machine. */
    private final Map<Integer, Place> consumers = new HashMap<>();

    private long nextId = 1;
    private long progress;
    private long enoughAt = Long.MAX_VALUE;
    private boolean faulty = true;
    long reads;
    long resumed;
    long clientCrashes;

    World(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.transactions = new TransactionModel(cluster);
    }

    Truth truth(Place place) {
        return truths.computeIfAbsent(place, made -> new Truth(cluster, place.toString()));
    }

    Iterable<Map.Entry<Place, Truth>> truths() {
        return truths.entrySet();
    }

    QueueModel queue(Place place) {
        return queues.computeIfAbsent(place, made -> new QueueModel(cluster, place));
    }

    Map<Place, QueueModel> queues() {
        return queues;
    }

    TransactionModel transactions() {
        return transactions;
    }

    void consumes(int machine, Place place) {
        consumers.put(machine, place);
    }

    /**
     * A broker sends a push.
     *
     * @param leads whether it leads by the authority's word at this moment
     */
    void pushed(int machine, ByteBuffer frame, Predicate<Place> leads) {
        Place place = consumers.get(machine);
        ByteBuffer bytes = frame.duplicate();
        if (place == null || PushHeader.read(bytes).kind() != PushKind.DELIVER) {
            return;
        }
        QueueModel queue = queue(place);
        boolean current = leads.test(place);
        for (AcquiredRange range : DeliverPush.read(bytes, (short) 0).acquired()) {
            for (long offset = range.first(); offset <= range.last(); offset++) {
                if (current) {
                    queue.pushed(offset, range.deliveryCount());
                } else {
                    queue.pushedByOld(offset);
                }
            }
        }
    }

    /** Whether clients do what costs time: crash, give back. */
    boolean faulty() {
        return faulty;
    }

    void calm() {
        faulty = false;
    }

    /** The first of {@code count} ids of records. */
    long nextIds(int count) {
        long first = nextId;
        nextId += count;
        return first;
    }

    /** A client got what it wanted. */
    void progress() {
        progress++;
    }

    long progressed() {
        return progress;
    }

    /** Clients begin nothing new once so much was done. */
    void stopAfter(long more) {
        enoughAt = progress + more;
    }

    boolean enough() {
        return progress >= enoughAt;
    }

    int random(int bound) {
        return cluster.random.nextInt(bound);
    }

    boolean percent(int percent) {
        return random(100) < percent;
    }

    void later(int millis, Runnable task) {
        cluster.time.after(millis * 1_000_000L, task);
    }
}
