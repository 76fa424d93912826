package io.penstock.broker.replication;

import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogAppend;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * A leader's log whose durability is replication: {@link #durableEndOffset} is the high watermark, and who waits for
 * durability waits until every replica that counts has what was appended. So records, ledgers and internal logs commit
 * by one rule, and those who write them need not know. Lives as long as the leadership; owner thread only.
 *
 * <pre>
 * start offset      high watermark       own durable end        end offset
 *      | committed        | on its way to followers | being forced |
 * </pre>
 */
final class CommittedLog implements PartitionLog {
    private final PartitionLog log;
    private final Leading leader;
    private final long epochStartOffset;
    private final ArrayDeque<Waiter> waiters = new ArrayDeque<>();
    private long highWatermark;
    private IOException closed;

    private record Waiter(long endOffset, Consumer<IOException> done) {}

    /** What the leadership does when something happens to one of its logs. */
    interface Leading {
        /** Something was appended behind {@code endBefore}. */
        void appended(CommittedLog log, long endBefore);

        /** More of the log is durable here. */
        void durableHere();
    }

    /** @param highWatermark as far as it was known before */
    CommittedLog(PartitionLog log, Leading leader, long highWatermark) {
        this.log = log;
        this.leader = leader;
        this.epochStartOffset = log.endOffset();
        this.highWatermark = Math.max(log.startOffset(), Math.min(highWatermark, log.endOffset()));
    }

    /** The log itself, whose durability is that of this broker alone. */
    PartitionLog local() {
        return log;
    }

    /** Where the log ended when the leadership began: what is below may not be committed yet. */
    long epochStartOffset() {
        return epochStartOffset;
    }

    /** True once all that was there when the leadership began is committed. */
    boolean caughtUp() {
        return highWatermark >= epochStartOffset;
    }

    @Override
    public LogId id() {
        return log.id();
    }

    @Override
    public LogConfig config() {
        return log.config();
    }

    @Override
    public void configure(LogConfig config) {
        log.configure(config);
    }

    @Override
    public long startOffset() {
        return log.startOffset();
    }

    @Override
    public long endOffset() {
        return log.endOffset();
    }

    @Override
    public long durableEndOffset() {
        return highWatermark;
    }

    @Override
    public long sizeBytes() {
        return log.sizeBytes();
    }

    @Override
    public LogAppend append(ByteBuffer batches, int leaderEpoch, AppendOrigin origin) throws IOException {
        requireLed();
        long before = log.endOffset();
        LogAppend append = log.append(batches, leaderEpoch, origin);
        if (log.endOffset() > before) {
            leader.appended(this, before);
        }
        return append;
    }

    private void requireLed() throws IOException {
        if (closed != null) {
            throw closed;
        }
    }

    @Override
    public void onDurable(Consumer<IOException> done) {
        if (closed != null) {
            done.accept(closed);
            return;
        }
        long end = log.endOffset();
        if (highWatermark >= end) {
            done.accept(null);
            return;
        }
        waiters.add(new Waiter(end, done));
        // Told by this too that the disk failed: what is not durable here will not be committed by this leader.
        log.onDurable(failure -> {
            if (failure != null) {
                close(failure);
            } else {
                leader.durableHere();
            }
        });
    }

    /** On this broker's disk, committed or not. */
    @Override
    public void onForced(Consumer<IOException> done) {
        log.onForced(done);
    }

    /** Moves the high watermark up, and never down. */
    void advance(long offset) {
        long to = Math.min(offset, log.endOffset());
        if (closed != null || to <= highWatermark) {
            return;
        }
        highWatermark = to;
        while (!waiters.isEmpty() && waiters.peek().endOffset <= highWatermark) {
            waiters.poll().done.accept(null);
        }
    }

    /** The leadership is over: nothing is appended or committed here any more. */
    void close(IOException reason) {
        if (closed == null) {
            closed = reason;
        }
        while (!waiters.isEmpty()) {
            waiters.poll().done.accept(reason);
        }
    }

    @Override
    public LogSlice read(long offset, int maxBytes, long endOffset, boolean atLeastOneBatch) throws IOException {
        return log.read(offset, maxBytes, endOffset, atLeastOneBatch);
    }

    @Override
    public Optional<TimestampedOffset> offsetForTimestamp(long timestampMillis) throws IOException {
        return log.offsetForTimestamp(timestampMillis);
    }

    @Override
    public Optional<TimestampedOffset> maxTimestamp() throws IOException {
        return log.maxTimestamp();
    }

    @Override
    public long nextUnordered(long offset) {
        return log.nextUnordered(offset);
    }

    @Override
    public OptionalInt latestEpoch() {
        return log.latestEpoch();
    }

    @Override
    public OptionalInt epochAt(long offset) {
        return log.epochAt(offset);
    }

    @Override
    public Optional<EpochEnd> endOfEpoch(int epoch) {
        return log.endOfEpoch(epoch);
    }

    @Override
    public void startEpoch(int epoch) throws IOException {
        log.startEpoch(epoch);
    }

    /** Only a follower cuts its log. */
    @Override
    public void truncateTo(long offset) {
        throw new IllegalStateException("a leader does not cut its log " + log.id());
    }

    @Override
    public void restartAt(long offset) {
        throw new IllegalStateException("a leader does not begin its log " + log.id() + " anew");
    }

    @Override
    public void advanceStartOffset(long offset) throws IOException {
        requireLed();
        log.advanceStartOffset(offset);
        leader.durableHere();
    }

    @Override
    public long neededFrom(long offset) {
        return log.neededFrom(offset);
    }

    @Override
    public int applyRetention(long keepFrom) throws IOException {
        requireLed();
        int gone = log.applyRetention(Math.min(keepFrom, highWatermark));
        leader.durableHere();
        return gone;
    }

    @Override
    public Optional<ProducerEntry> producer(long producerId) {
        return log.producer(producerId);
    }

    // ---- Kafka's transactions

    @Override
    public long firstUndecidedOffset(long committedEnd) {
        return log.firstUndecidedOffset(committedEnd);
    }

    @Override
    public long decisions(long committedEnd) {
        return log.decisions(committedEnd);
    }

    @Override
    public boolean inTransaction(long producerId, short producerEpoch) {
        return log.inTransaction(producerId, producerEpoch);
    }

    @Override
    public TransactionFate fate(long producerId, long baseOffset, long committedEnd) throws IOException {
        return log.fate(producerId, baseOffset, committedEnd);
    }

    @Override
    public List<AbortedTransaction> abortedTransactions(long offset, long end) throws IOException {
        return log.abortedTransactions(offset, end);
    }

    @Override
    public ByteBuffer endMarker(boolean commit, long producerId, short producerEpoch, int coordinatorEpoch) {
        return log.endMarker(commit, producerId, producerEpoch, coordinatorEpoch);
    }

    @Override
    public List<SeenProducer> producers() {
        return log.producers();
    }
}
