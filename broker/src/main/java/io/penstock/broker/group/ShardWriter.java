package io.penstock.broker.group;

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
 */
final class ShardWriter {
    private static final Logger log = LoggerFactory.getLogger(ShardWriter.class);
    private static final int REWRITE_GROWTH = 4;

    private final GroupLog records;
    private final long compactionBytesMin;
    private final Supplier<Iterator<List<GroupRecord>>> liveState;
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
    ShardWriter(
            GroupLog records,
            long compactionBytesMin,
            Supplier<Iterator<List<GroupRecord>>> liveState,
            Consumer<IOException> broken) {
        this.records = records;
        this.compactionBytesMin = compactionBytesMin;
        this.liveState = liveState;
        this.broken = broken;
        this.compactAtBytes = compactionBytesMin;
    }

    void append(List<GroupRecord> batch, Consumer<GroupError> done) {
        if (closed) {
            done.accept(GroupError.NOT_COORDINATOR);
            return;
        }
        appends++;
        records.append(batch, failure -> {
            completed++;
            GroupError error = failure == null ? GroupError.NONE : translate(failure);
            spoiled |= failure != null;
            done.accept(closed && failure == null ? GroupError.NOT_COORDINATOR : error);
            release();
        });
        compactIfLong();
    }

    private GroupError translate(IOException failure) {
        if (failure instanceof DiskFullException) {
            log.warn("group state cannot be written: the disk is full");
            return GroupError.COORDINATOR_NOT_AVAILABLE;
        }
        if (failure instanceof LogException refused && refused.reason() == LogException.Reason.BATCH_TOO_LARGE) {
            return GroupError.INVALID_COMMIT_OFFSET_SIZE;
        }
        if (!closed) {
            closed = true;
            broken.accept(failure);
        }
        return GroupError.NOT_COORDINATOR;
    }

    /** Runs the task when all that was appended so far is committed or failed. */
    void afterAppends(Runnable task) {
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
        rewrite(liveState.get(), records.endOffset(), records.sizeBytes());
    }

    private void rewrite(Iterator<List<GroupRecord>> steps, long startOffset, long startBytes) {
        if (closed) {
            return;
        }
        if (!steps.hasNext()) {
            // What is given up now is covered by records that are committed: every step was waited for.
            afterAppends(() -> finish(startOffset, startBytes));
            return;
        }
        append(steps.next(), error -> {
            if (error == GroupError.NONE) {
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
            log.warn("old group state could not be given up, which is tried again later", e);
        }
    }

    void close() {
        closed = true;
    }

    private record Waiting(long appends, Runnable task) {}
}
