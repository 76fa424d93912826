package io.penstock.storage.log;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.TreeMap;

/**
 * The transactions of a log that are undecided, or whose decision is not committed: a decision counts once its marker
 * is. Says up to where everything is decided. A function of the log and of its committed end. Owner thread only.
 */
final class OpenTransactions {
    /** Markers that wait for their commit; a follower, where nobody asks, keeps no more than these either. */
    private static final int ENDED_MAX = 10_000;

    /** Producers by their transactions' first offsets; null until the first comes, as most logs have none. */
    private TreeMap<Long, Long> open;
    /** In the order of their markers. */
    private final ArrayDeque<Ended> ended = new ArrayDeque<>(0);

    private long decisions;

    private record Ended(long firstOffset, long producerId, long markerOffset) {}

    void began(long firstOffset, long producerId) {
        if (open == null) {
            open = new TreeMap<>();
        }
        open.put(firstOffset, producerId);
    }

    void ended(long firstOffset, long producerId, long markerOffset) {
        open.remove(firstOffset, producerId);
        ended.add(new Ended(firstOffset, producerId, markerOffset));
        if (ended.size() > ENDED_MAX) {
            ended.poll();
            decisions++;
        }
    }

    void clear() {
        open = null;
        ended.clear();
        decisions++;
    }

    /** Markers found by recovery are committed, or will be again: nothing of them is to be waited for. */
    void recovered() {
        ended.clear();
    }

    /** First offset of an undecided transaction but that of one producer; {@link Long#MAX_VALUE} without any. */
    long firstOpenBut(long producerId) {
        if (open != null) {
            for (var each : open.entrySet()) {
                if (each.getValue() != producerId) {
                    return each.getKey();
                }
            }
        }
        return Long.MAX_VALUE;
    }

    /** First offset that is undecided for readers; {@link Long#MAX_VALUE} without any. */
    long firstUndecided(long committedEnd) {
        commit(committedEnd);
        long first = open == null || open.isEmpty() ? Long.MAX_VALUE : open.firstKey();
        for (Ended each : ended) {
            first = Math.min(first, each.firstOffset);
        }
        return first;
    }

    /** Whether an offset lies in a transaction of the producer whose decision is made and not committed. */
    boolean decidesLater(long producerId, long offset, long committedEnd) {
        commit(committedEnd);
        for (Ended each : ended) {
            if (each.producerId == producerId && each.firstOffset <= offset && offset <= each.markerOffset) {
                return true;
            }
        }
        return false;
    }

    /** Grows with each decision that became committed. */
    long decisions(long committedEnd) {
        commit(committedEnd);
        return decisions;
    }

    private void commit(long committedEnd) {
        if (ended.isEmpty()) {
            return;
        }
        Iterator<Ended> each = ended.iterator();
        while (each.hasNext() && each.next().markerOffset < committedEnd) {
            each.remove();
            decisions++;
        }
    }
}
