package io.penstock.broker.partition;

import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogAppend;
import io.penstock.storage.log.LogException;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.OffsetOutOfRangeException;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.time.Failures;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A partition with this broker as its only replica: what is durable, as its flush policy means it, is committed. Made,
 * owned and dropped by {@link PartitionRegistry}; the owner's thread alone calls.
 *
 * <pre>
 * start offset          high watermark = durable end        end offset
 *      | readers see this ...  | appended, parked callbacks ... |
 * </pre>
 */
final class LedPartition implements Partition {
    private final UUID topicId;
    private final String topicName;
    private final int index;
    private final int leaderEpoch;
    private final Owner owner;
    private final PartitionLog log;
    private final Supplier<CompletionStage<PartitionLog>> ledger;
    private final Consumer<IOException> offline;
    private final ArrayDeque<Parked> parked = new ArrayDeque<>();
    private final Listeners listeners = new Listeners();
    private final PartitionTransactions transactions = new PartitionTransactions(this);
    private final long openedEndOffset;
    private long highWatermark;

    /** An append whose records are written and not committed. */
    private record Parked(LogAppend append, AppendCallback callback) {}

    /**
     * @param ledger opens the ledger, once or again
     * @param offline told, with the owner still at work, that a log is offline
     * @param openedEndOffset the log's end when it was opened first in this broker's life
     */
    LedPartition(
            UUID topicId,
            String topicName,
            int index,
            int leaderEpoch,
            Owner owner,
            PartitionLog log,
            Supplier<CompletionStage<PartitionLog>> ledger,
            Consumer<IOException> offline,
            long openedEndOffset) {
        this.topicId = topicId;
        this.topicName = topicName;
        this.index = index;
        this.leaderEpoch = leaderEpoch;
        this.owner = owner;
        this.log = log;
        this.ledger = ledger;
        this.offline = offline;
        this.highWatermark = log.durableEndOffset();
        this.openedEndOffset = openedEndOffset;
    }

    @Override
    public long openedEndOffset() {
        return openedEndOffset;
    }

    @Override
    public UUID topicId() {
        return topicId;
    }

    @Override
    public String topicName() {
        return topicName;
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public int leaderEpoch() {
        return leaderEpoch;
    }

    @Override
    public PartitionLog log() {
        return log;
    }

    @Override
    public long highWatermark() {
        return highWatermark;
    }

    @Override
    public PartitionTransactions transactions() {
        return transactions;
    }

    @Override
    public void append(ByteBuffer batches, AppendOrigin origin, boolean waitForCommit, AppendCallback callback) {
        owner.requireCurrent();
        LogAppend append;
        try {
            transactions.check(batches, origin);
            append = log.append(batches, leaderEpoch, origin);
        } catch (IOException e) {
            callback.done(null, e);
            failed(e);
            return;
        }
        boolean wait = waitForCommit && append.lastOffset() >= log.durableEndOffset();
        if (wait) {
            parked.add(new Parked(append, callback));
        }
        // Asked for by each append, also by one that nobody waits for: readers see only what is committed.
        log.onDurable(this::durable);
        if (!wait) {
            callback.done(append, null);
        }
    }

    private void durable(IOException failure) {
        if (failure != null) {
            failParked(failure);
            offline.accept(failure);
            return;
        }
        long end = log.durableEndOffset();
        if (end <= highWatermark) {
            return;
        }
        highWatermark = end;
        Throwable first = null;
        while (!parked.isEmpty() && parked.peek().append().lastOffset() < end) {
            Parked done = parked.poll();
            first = tell(done, done.append(), null, first);
        }
        listeners.run(first);
    }

    /** One callback that fails must not keep others waiting. */
    private static Throwable tell(Parked told, LogAppend append, IOException failure, Throwable first) {
        try {
            told.callback().done(append, failure);
            return first;
        } catch (RuntimeException | VirtualMachineError | AssertionError e) {
            return Failures.first(first, e);
        }
    }

    @Override
    public void failed(IOException cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof LogException refused && refused.reason() == LogException.Reason.OFFLINE) {
                offline.accept(cause);
                return;
            }
        }
    }

    /** The log failed, or the partition goes: nothing that waits here will be committed. */
    void failParked(IOException failure) {
        Throwable first = null;
        for (Parked lost = parked.poll(); lost != null; lost = parked.poll()) {
            first = tell(lost, null, failure, first);
        }
        Failures.rethrow(first);
    }

    /** The partition goes: whoever waits for news of it has to look again. */
    void close(IOException reason) {
        failParked(reason);
        listeners.run(null);
    }

    @Override
    public LogSlice read(long offset, int maxBytes, boolean readCommitted, boolean atLeastOneBatch) throws IOException {
        long end = readCommitted ? lastStableOffset() : highWatermark;
        if (offset > highWatermark || offset < log.startOffset()) {
            throw new OffsetOutOfRangeException(log.id(), offset, log.startOffset(), highWatermark);
        }
        return log.read(offset, maxBytes, end, atLeastOneBatch);
    }

    @Override
    public Registration onHighWatermark(Runnable listener) {
        return listeners.add(listener);
    }

    @Override
    public CompletionStage<PartitionLog> ledger() {
        return ledger.get();
    }

    @Override
    public void advanceStartOffset(long offset) throws IOException {
        if (offset > highWatermark) {
            throw new OffsetOutOfRangeException(log.id(), offset, log.startOffset(), highWatermark);
        }
        log.advanceStartOffset(offset);
    }
}
