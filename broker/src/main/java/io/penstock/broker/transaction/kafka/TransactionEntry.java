package io.penstock.broker.transaction.kafka;

import io.penstock.storage.time.Clock;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One transactional id in memory: its committed state, and what is under way. One record at a time is under way, and
 * requests wait meanwhile, as they do for the markers of a decided transaction. Owner thread only.
 */
final class TransactionEntry {
    /** Requests of one id that wait; a client has one, so more are somebody's mistake. */
    static final int WAITING_MAX = 100;

    final String id;
    /** Null until the first record is committed. */
    Transaction current;
    /** The newest that was appended, committed or not; what a replay to the log's end gives. */
    Transaction appended;

    boolean writing;
    /** Partitions that have not got the marker of the decided transaction. */
    final Set<TransactionPartition> markersLeft = new HashSet<>();
    /** Names one decision's markers, so that late answers to older ones are not counted. */
    long decision;
    /** Who committed nothing and was told to ask again, which is told once to each; null before. */
    ProducerIdentity askedAgain;

    private final Queue<Waiting> waiting = new ArrayDeque<>();

    /** Start of the ongoing transaction that is looked at, how old it was at the first look, and when that was. */
    private long watchedStartMillis = -1;

    private long watchedAgeMillis;
    private long watchedSinceNanos;

    /** A request that waits; runs once, whichever way. */
    static final class Waiting {
        final Runnable task;
        final Runnable refuse;
        boolean over;

        Waiting(Runnable task, Runnable refuse) {
            this.task = task;
            this.refuse = refuse;
        }

        void refuse() {
            if (!over) {
                over = true;
                refuse.run();
            }
        }
    }

    TransactionEntry(String id) {
        this.id = id;
    }

    /** True while a request must wait. */
    boolean busy() {
        return writing || current == null || current.phase().prepared();
    }

    /**
     * Whether the ongoing transaction has its time-out behind it. To be asked from time to time: the wall clock counts only
     * at the first look, or one that jumps back would let nobody decide the transaction for as long (invariant 15).
     */
    boolean timedOut(Clock clock) {
        if (watchedStartMillis != current.startMillis()) {
            watchedStartMillis = current.startMillis();
            watchedAgeMillis = Math.max(0, clock.millis() - current.startMillis());
            watchedSinceNanos = clock.nanos();
        }
        long since = TimeUnit.NANOSECONDS.toMillis(clock.nanos() - watchedSinceNanos);
        return watchedAgeMillis + since > current.timeoutMillis();
    }

    /** False when too many wait. */
    boolean await(Waiting request) {
        waiting.removeIf(each -> each.over);
        return waiting.size() < WAITING_MAX && waiting.add(request);
    }

    /** Lets those go on who wait, in their order, until one makes the id busy again. */
    void release() {
        while (!waiting.isEmpty() && !busy()) {
            Waiting next = waiting.remove();
            if (!next.over) {
                next.over = true;
                next.task.run();
            }
        }
    }

    void refuseAll() {
        for (Waiting next = waiting.poll(); next != null; next = waiting.poll()) {
            next.refuse();
        }
    }
}
