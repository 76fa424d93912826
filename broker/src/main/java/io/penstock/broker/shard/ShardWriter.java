package io.penstock.broker.shard;

import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.LogException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a shard's records, translates what can go wrong, and keeps the log short: when much has been appended since
 * the last time, live state is written again in small steps, each after the one before it is committed, and everything
 * older is given up. Owner thread only.
 *
 * <pre>
 *   | records, most of them superseded | live state, and what came meanwhile | ...
 *                                      ^ log start offset, once the live state is committed
 * </pre>
 *
 * @param <R> the coordinator's records
 * @param <E> how the coordinator calls what can become of an append
 */
public final class ShardWriter<R, E> {
    private static final Logger log = LoggerFactory.getLogger(ShardWriter.class);
    private static final int REWRITE_GROWTH = 4;

    /**
     * What can become of an append.
     *
     * @param full the disk is full, which passes
     * @param refused the log does not take it from this producer, because of its epoch or its transaction
     * @param gone the shard serves no more
     */
    public record Outcomes<E>(E committed, E full, E tooLarge, E refused, E gone) {}

    private final ShardLog<R> records;
    private final Outcomes<E> outcomes;
    private final long compactionBytesMin;
    private final Supplier<Iterator<List<R>>> liveState;
    private final Consumer<IOException> broken;

    private final Queue<Waiting> waiting = new ArrayDeque<>();
    private long appends;
    private long completed;
    private long compactAtBytes;
    private boolean compacting;
    /** Set when an append failed during a rewrite, which may have left out what that append was to remove. */
    private boolean spoiled;

    private boolean closed;

    /**
     * @param liveState gives the live records in steps of one append each; a step is computed when it is asked for
     * @param broken told when the log cannot be trusted any more: what is in memory must be rebuilt from it
     */
    public ShardWriter(
            ShardLog<R> records,
            Outcomes<E> outcomes,
            long compactionBytesMin,
            Supplier<Iterator<List<R>>> liveState,
            Consumer<IOException> broken) {
        this.records = records;
        this.outcomes = outcomes;
        this.compactionBytesMin = compactionBytesMin;
        this.liveState = liveState;
        this.broken = broken;
        this.compactAtBytes = compactionBytesMin;
    }

    public void append(List<R> batch, Consumer<E> done) {
        if (closed) {
            done.accept(outcomes.gone);
            return;
        }
        appends++;
        records.append(batch, failure -> {
            completed++;
            E outcome = failure == null ? outcomes.committed : translate(failure);
            spoiled |= failure != null;
            done.accept(closed && failure == null ? outcomes.gone : outcome);
            release();
        });
        compactIfLong();
    }

    private E translate(IOException failure) {
        if (failure instanceof DiskFullException) {
            log.warn("a coordinator's state cannot be written: the disk is full");
            return outcomes.full;
        }
        if (failure instanceof LogException refused && refused.reason() == LogException.Reason.BATCH_TOO_LARGE) {
            return outcomes.tooLarge;
        }
        if (failure instanceof LogException refused
                && (refused.reason() == LogException.Reason.FENCED_PRODUCER_EPOCH
                        || refused.reason() == LogException.Reason.INVALID_TRANSACTION_STATE)) {
            return outcomes.refused;
        }
        if (!closed) {
            closed = true;
            broken.accept(failure);
        }
        return outcomes.gone;
    }

    /** Runs the task when all that was appended so far is committed or failed. */
    public void afterAppends(Runnable task) {
        if (completed == appends) {
            task.run();
        } else {
            waiting.add(new Waiting(appends, task));
        }
    }

    private void release() {
        while (!waiting.isEmpty() && waiting.peek().appends <= completed) {
            waiting.remove().task.run();
        }
    }

    private void compactIfLong() {
        if (compacting || closed || records.sizeBytes() < compactAtBytes) {
            return;
        }
        compacting = true;
        spoiled = false;
        // What is in an undecided transaction is no live state yet, and only its own record says it.
        long startOffset = Math.min(records.endOffset(), records.firstUndecidedOffset());
        rewrite(liveState.get(), startOffset, records.sizeBytes());
    }

    private void rewrite(Iterator<List<R>> steps, long startOffset, long startBytes) {
        if (closed) {
            return;
        }
        if (!steps.hasNext()) {
            // What is given up now is covered by records that are committed: every step was waited for.
            afterAppends(() -> finish(startOffset, startBytes));
            return;
        }
        append(steps.next(), outcome -> {
            if (outcome == outcomes.committed) {
                rewrite(steps, startOffset, startBytes);
            } else {
                compacting = false;
                compactAtBytes = records.sizeBytes() + compactionBytesMin;
            }
        });
    }

    private void finish(long startOffset, long startBytes) {
        compacting = false;
        if (closed || spoiled) {
            compactAtBytes = records.sizeBytes() + compactionBytesMin;
            return;
        }
        try {
            records.advanceStart(startOffset);
            long liveBytes = Math.max(0, records.sizeBytes() - startBytes);
            // Whole segments go, so the size may stay above the mark: it counts from where it is now.
            compactAtBytes = records.sizeBytes() + Math.max(compactionBytesMin, REWRITE_GROWTH * liveBytes);
        } catch (IOException e) {
            compactAtBytes = records.sizeBytes() + compactionBytesMin;
            log.warn("old state of a coordinator could not be given up, which is tried again later", e);
        }
    }

    public void close() {
        closed = true;
    }

    private record Waiting(long appends, Runnable task) {}
}
