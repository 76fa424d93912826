package io.penstock.broker.simulation;

import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What is known for ever of one partition's log, since somebody was told (invariants 12, 13): the id of the record at an
 * offset, and how far it has been read.
 */
final class Truth {
    private final SimulatedCluster cluster;
    private final String name;
    private final TreeMap<Long, Long> ids = new TreeMap<>();
    /** Everything below has been seen by somebody. */
    private long readEnd;

    Truth(SimulatedCluster cluster, String name) {
        this.cluster = cluster;
        this.name = name;
    }

    void holds(long offset, long id, String who) {
        Long known = ids.putIfAbsent(offset, id);
        if (known != null && known != id) {
            throw cluster.wrong(
                    "12: " + name + " offset " + offset + " was record " + known + " and is " + id + " for " + who);
        }
    }

    /** Somebody has seen everything from one offset to before the other. */
    void read(long from, long end, NavigableMap<Long, Long> found, String who) {
        found.forEach((offset, id) -> holds(offset, id, who));
        for (long offset : ids.subMap(from, end).keySet()) {
            if (!found.containsKey(offset)) {
                throw cluster.wrong(
                        "13: " + name + " offset " + offset + " (" + ids.get(offset) + ") is missing for " + who);
            }
        }
        readEnd = Math.max(readEnd, end);
    }

    /** A log cannot end before what was read of it, or acknowledged. */
    long end() {
        return Math.max(readEnd, ids.isEmpty() ? 0 : ids.lastKey() + 1);
    }

    NavigableMap<Long, Long> ids() {
        return ids;
    }
}
