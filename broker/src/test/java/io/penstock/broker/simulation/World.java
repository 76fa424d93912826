package io.penstock.broker.simulation;

import java.util.LinkedHashMap;
import java.util.Map;

/** The cluster, what its clients know for certain, and how far they have come. */
final class World {
    final SimulatedCluster cluster;
    private final Map<Place, Truth> truths = new LinkedHashMap<>();
    private long nextId = 1;
    private long progress;
    private long enoughAt = Long.MAX_VALUE;
    long reads;

    World(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    Truth truth(Place place) {
        return truths.computeIfAbsent(place, made -> new Truth(cluster, place.toString()));
    }

    Iterable<Map.Entry<Place, Truth>> truths() {
        return truths.entrySet();
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
