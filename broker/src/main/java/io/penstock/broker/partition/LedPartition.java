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
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A partition that this broker leads. What its log calls durable is committed: with this broker as the only replica, what
 * the flush policy asks for; with several, what all in-sync replicas have ({@link ReplicatedPartitions.Led#records}).
 * Made, owned and dropped by {@link PartitionRegistry}; the owner's thread alone calls.
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
    private final LargeMessages largeMessages = new LargeMessages(this);
    private final long openedEndOffset;
    /** Null for a single replica. */
    private final ReplicatedPartitions.Led led;

    private final List<Consumer<IOException>> closeListeners = new ArrayList<>(0);
    private long highWatermark;

    /** An append whose records are written and not committed. */
    private record Parked(LogAppend append, AppendOrigin origin, AppendCallback callback) {}

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
        this.led = null;
    }

    /** One with several replicas. */
    LedPartition(UUID topicId, String topicName, int index, Owner owner, ReplicatedPartitions.Led led) {
        this.topicId = topicId;
        this.topicName = topicName;
        this.index = index;
        this.leaderEpoch = led.leaderEpoch();
        this.owner = owner;
        this.log = led.records();
        this.ledger = led::ledger;
        this.offline = led::failed;
        this.led = led;
        this.highWatermark = log.durableEndOffset();
        this.openedEndOffset = log.endOffset();
    }

    /** What an earlier leader left becomes visible as soon as it is committed. */
    void begin() {
        if (highWatermark < log.endOffset()) {
            log.onDurable(this::durable);
        }
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
    public LargeMessages largeMessages() {
        return largeMessages;
    }

    @Override
    public void append(ByteBuffer batches, AppendOrigin origin, boolean waitForCommit, AppendCallback callback) {
        owner.requireCurrent();
        if (waitForCommit && led != null && !led.enoughReplicas()) {
            callback.done(
                    null,
                    new PartitionUnavailableException(
                            PartitionUnavailableException.Reason.NOT_ENOUGH_REPLICAS,
                            topicName + "-" + index + " has fewer replicas in sync than min.insync.replicas"));
            return;
        }
        LogAppend append;
        try {
            transactions.check(batches, origin);
            largeMessages.check(batches, origin);
            append = log.append(batches, leaderEpoch, origin);
            largeMessages.appended(batches);
        } catch (IOException e) {
            callback.done(null, serving() ? e : unknown(e));
            failed(e);
            return;
        }
        boolean wait = waitForCommit && append.lastOffset() >= log.durableEndOffset();
        if (wait) {
            parked.add(new Parked(append, origin, callback));
        }
        // Asked for by each append, also by one that nobody waits for: readers see only what is committed.
        log.onDurable(this::durable);
        if (!wait) {
            callback.done(append, null);
        }
    }

    /**
     * Invariant 8: who may have been taken for dead does not know what others have appended since, and so cannot say
     * that a sequence is out of order, or a producer unknown. Whoever leads now can.
     */
    private IOException unknown(IOException refusal) {
        if (!(refusal instanceof LogException refused)) {
            return refusal;
        }
        return switch (refused.reason()) {
            case OUT_OF_ORDER_SEQUENCE, UNKNOWN_PRODUCER, FENCED_PRODUCER_EPOCH, INVALID_TRANSACTION_STATE -> {
                PartitionUnavailableException unknown = new PartitionUnavailableException(
                        PartitionUnavailableException.Reason.NOT_LEADER,
                        topicName + "-" + index + " may be led by another broker by now");
                unknown.initCause(refusal);
                yield unknown;
            }
            default -> refusal;
        };
    }

    @Override
    public void appendHere(ByteBuffer batches, AppendOrigin origin, AppendCallback callback) {
        if (led == null) {
            append(batches, origin, true, callback);
            return;
        }
        append(batches, origin, false, (append, failure) -> {
            if (failure != null) {
                callback.done(null, failure);
            } else {
                led.local().onDurable(lost -> callback.done(lost == null ? append : null, lost));
            }
        });
    }

    /** A client's records stay, but nobody can say when they will be committed; the broker's own wait on. */
    void tooFewReplicas() {
        PartitionUnavailableException failure = new PartitionUnavailableException(
                PartitionUnavailableException.Reason.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                "written to " + topicName + "-" + index + ", which has fewer replicas in sync than"
                        + " min.insync.replicas now");
        for (int i = parked.size(); i > 0; i--) {
            Parked each = parked.poll();
            if (each.origin() == AppendOrigin.CLIENT) {
                each.callback().done(null, failure);
            } else {
                parked.add(each);
            }
        }
    }

    @Override
    public boolean serving() {
        return led == null || led.serving();
    }

    @Override
    public boolean settled() {
        return led == null || highWatermark >= openedEndOffset;
    }

    @Override
    public boolean inherited() {
        return led != null;
    }

    @Override
    public Registration onClosed(Consumer<IOException> listener) {
        closeListeners.add(listener);
        return () -> closeListeners.remove(listener);
    }

    /** Readers look again. */
    void servingAgain() {
        listeners.run(null);
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
        for (Consumer<IOException> each : List.copyOf(closeListeners)) {
            each.accept(reason);
        }
        closeListeners.clear();
        listeners.run(null);
    }

    @Override
    public LogSlice read(long offset, int maxBytes, boolean readCommitted, boolean atLeastOneBatch) throws IOException {
        long end = readCommitted ? lastStableOffset() : highWatermark;
        if (led != null && offset > highWatermark && offset <= log.endOffset()) {
            // An earlier leader told readers more than this one knows to be committed; it soon will.
            return log.read(offset, maxBytes, offset, false);
        }
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
