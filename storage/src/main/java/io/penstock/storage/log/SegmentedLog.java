package io.penstock.storage.log;

import io.penstock.protocol.record.ControlBatch;
import io.penstock.storage.log.LogException.Reason;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partition log on segments and the journal. Its owner's thread calls it; {@link #forceSegments},
 * {@link #checkpoint} are for the store's own threads. Closed by the store.
 */
final class SegmentedLog implements PartitionLog, JournalHandle.Listener {
    private static final Logger log = LoggerFactory.getLogger(SegmentedLog.class);
    /** A log that starts at its end gives back its last segment only when that is worth a new file. */
    private static final int ROLL_EMPTY_BYTES = 1 << 20;

    private final LogId id;
    private final Owner owner;
    private final StoreParts parts;
    private final Segments segments;
    private final LeaderEpochs epochs;
    private final ProducerStates producers;
    private final BatchTracker tracker;
    private final Durability durability;
    private final IntervalFlush flush;
    private final SegmentSideFiles sideFiles;
    private LogConfig config;
    private final LogStart start;
    private volatile long endOffset;
    private volatile long recoveryPoint;
    /** Why nothing more may be appended or forced; never taken back, a log is opened anew instead. */
    private final AtomicReference<IOException> offline = new AtomicReference<>();

    private volatile boolean directoryDirty;

    SegmentedLog(LogId id, LogConfig config, Owner owner, StoreParts parts, RecoveredLog recovered) {
        this.id = id;
        this.config = config;
        this.owner = owner;
        this.parts = parts;
        segments = recovered.segments();
        epochs = recovered.epochs();
        producers = recovered.producers();
        tracker = new BatchTracker(epochs, producers);
        producers.transactions().recovered();
        start = new LogStart(id, parts, segments, recovered.startOffset(), this::syncDirectoryOnce, this::offlineCause);
        endOffset = segments.active().nextOffset;
        recoveryPoint = endOffset;
        // Replay may have made files whose directories nobody has synced yet.
        directoryDirty = true;
        segments.active().markDirectoryDirty();
        durability = new Durability(id, owner, parts.journal(), this, endOffset);
        flush = new IntervalFlush(owner, parts.workers(), this);
        sideFiles = new SegmentSideFiles(parts, owner, segments, epochs, producers);
    }

    @Override
    public LogId id() {
        return id;
    }

    @Override
    public LogConfig config() {
        return config;
    }

    @Override
    public void configure(LogConfig changed) {
        boolean leavesJournal = isJournaled() && changed.flushPolicy() != LogConfig.FlushPolicy.BEFORE_REPLY;
        boolean joinsJournal = !isJournaled() && changed.flushPolicy() == LogConfig.FlushPolicy.BEFORE_REPLY;
        config = changed;
        if (leavesJournal) {
            durability.setDurable(endOffset);
            // What the journal has of the log stays true, and is forced with the next checkpoint.
            parts.checkpointSoon().run();
        }
        if (joinsJournal) {
            durability.joinJournal(endOffset);
        }
    }

    private boolean isJournaled() {
        return config.flushPolicy() == LogConfig.FlushPolicy.BEFORE_REPLY;
    }

    @Override
    public long startOffset() {
        return start.offset();
    }

    @Override
    public long endOffset() {
        return endOffset;
    }

    @Override
    public long durableEndOffset() {
        return isJournaled() ? Math.min(durability.durableEnd(), endOffset) : endOffset;
    }

    @Override
    public long sizeBytes() {
        return segments.sizeBytes();
    }

    // ---- append

    @Override
    public LogAppend append(ByteBuffer batches, int leaderEpoch, AppendOrigin origin) throws IOException {
        requireOnline();
        int count = AppendCheck.check(id, batches, origin, config.maxBatchBytes());
        if (origin != AppendOrigin.REPLICATION) {
            requireCurrentEpoch(leaderEpoch);
            LogAppend repeated = tracker.checkSequences(id, batches, count, startOffset());
            if (repeated != null) {
                return repeated;
            }
        }
        long nowMillis = parts.clock().millis();
        long appendTimeMillis = -1;
        if (origin == AppendOrigin.REPLICATION) {
            tracker.checkOffsets(id, batches, endOffset);
        } else {
            boolean stamp = config.messageTimestampLogAppend() && origin == AppendOrigin.CLIENT;
            appendTimeMillis = stamp ? nowMillis : -1;
            tracker.assign(id, batches, endOffset, leaderEpoch, appendTimeMillis);
        }
        long baseOffset = endOffset;
        int bytes = batches.remaining();
        parts.space().take(id, bytes);
        Segment segment = segmentFor(bytes, BatchTracker.lastOffset(batches), nowMillis);
        int position = segment.sizeBytes();
        int from = batches.position();
        try {
            segment.write(batches);
        } catch (IOException e) {
            if (segment.isUncut()) {
                failOffline(e);
            }
            throw e;
        } finally {
            batches.position(from);
        }
        long end = tracker.added(segment, batches, position, nowMillis);
        segment.markDirty(position == 0);
        endOffset = end;
        sideFiles.grown(segment);
        if (isJournaled()) {
            parts.journal().stage(durability.handle(), segment.baseOffset, position, end, batches);
        } else if (config.flushPolicy() == LogConfig.FlushPolicy.INTERVAL) {
            flush.appended(end - baseOffset, config);
        }
        return new LogAppend(baseOffset, end - 1, startOffset(), appendTimeMillis, false);
    }

    private void requireOnline() throws LogException {
        IOException cause = offlineCause();
        if (cause != null) {
            throw new LogException(
                    Reason.OFFLINE,
                    "the log " + id + " is offline until it is closed and opened again: " + cause.getMessage(),
                    cause);
        }
    }

    /** Why the log is offline; null while it is not. Any thread. */
    IOException offlineCause() {
        IOException cause = offline.get();
        return cause != null ? cause : parts.journal().failure();
    }

    private void requireCurrentEpoch(int leaderEpoch) throws LogException {
        OptionalInt latest = epochs.latest();
        if (latest.isPresent() && leaderEpoch < latest.getAsInt()) {
            throw new LogException(
                    Reason.FENCED_LEADER_EPOCH,
                    "epoch " + leaderEpoch + " is older than " + latest.getAsInt() + ", which " + id + " has seen");
        }
    }

    private Segment segmentFor(int bytes, long lastOffset, long nowMillis) throws IOException {
        Segment active = segments.active();
        if (active.isEmpty()) {
            return active;
        }
        boolean full = (long) active.sizeBytes() + bytes > config.segmentBytes();
        boolean old = nowMillis - active.beganMillis > config.segmentMillis();
        boolean wide = lastOffset - active.baseOffset > Integer.MAX_VALUE;
        boolean aborted = active.abortedCount >= AbortedTransactions.MAX;
        return full || old || wide || aborted ? roll() : active;
    }

    private Segment roll() {
        Segment full = segments.active();
        Segment segment = segments.add(endOffset);
        sideFiles.rolled(full);
        parts.checkpointSoon().run();
        return segment;
    }

    @Override
    public void onDurable(Consumer<IOException> done) {
        IOException cause = offlineCause();
        if (cause != null && (durableEndOffset() < endOffset || !isJournaled())) {
            done.accept(cause);
        } else if (isJournaled()) {
            durability.await(endOffset, done);
        } else {
            done.accept(null);
        }
    }

    @Override
    public void onForced(Consumer<IOException> done) {
        if (isJournaled()) {
            onDurable(done);
        } else {
            flush.flushFor(done);
        }
    }

    @Override
    public void durableMoved() {
        durability.moved();
    }

    @Override
    public void forceFailed(IOException cause) {
        failOffline(cause);
    }

    /**
     * Any thread that may block, one after the other: who finds a segment clean must know that its force has ended
     * well. Forces all segments that have changed, and the directories that hold them. A failure is for ever: the
     * kernel may have dropped what it could not write, and a second force would say that all is well (invariant 25).
     */
    @Override
    public void forceSegments() throws IOException {
        synchronized (segments) {
            requireOnline();
            try {
                forceDirty();
            } catch (IOException e) {
                failOffline(e);
                throw e;
            }
        }
    }

    private void forceDirty() throws IOException {
        boolean newFile = false;
        for (Segment segment : start.onDisk()) {
            if (segment.isDirty()) {
                segment.force();
            }
            newFile |= segment.isDirectoryDirty();
            segment.directorySynced();
        }
        if (newFile) {
            parts.disk().syncDirectory(segments.directory());
        }
        syncDirectoryOnce();
    }

    private void syncDirectoryOnce() throws IOException {
        if (directoryDirty) {
            parts.disk().syncDirectory(segments.directory().getParent());
            directoryDirty = false;
        }
    }

    boolean isDirty() {
        for (Segment segment : start.onDisk()) {
            if (segment.isDirty()) {
                return true;
            }
        }
        return false;
    }

    /** Forces the log and says what a checkpoint may claim of it. Any thread that may block. */
    Checkpoint.Entry checkpoint() throws IOException {
        // One at a time, or one would count on the force that another has begun.
        synchronized (segments) {
            requireOnline();
            start.release();
            // The end is read first: the force then covers at least what is below.
            long end = endOffset;
            long kept = start.keptOffset();
            if (isDirty()) {
                forceSegments();
                recoveryPoint = end;
            }
            long point = Math.min(recoveryPoint, endOffset);
            return new Checkpoint.Entry(kept, point, point);
        }
    }

    /** Takes the log offline at once, on whatever thread; who waits for it is told on the owner's. */
    void failOffline(IOException cause) {
        if (offline.compareAndSet(null, cause)) {
            log.error("Log {} goes offline: what it has appended may not be on the disk", id, cause);
            parts.journal().exclude(durability.handle());
            parts.forceFailed().run();
        }
        owner.execute(() -> durability.failAll(cause));
    }

    // ---- read

    @Override
    public LogSlice read(long offset, int maxBytes, long readEnd, boolean atLeastOneBatch) throws IOException {
        if (offset < startOffset() || offset > endOffset) {
            throw new OffsetOutOfRangeException(id, offset, startOffset(), endOffset);
        }
        return segments.read(offset, maxBytes, Math.min(readEnd, endOffset), atLeastOneBatch);
    }

    @Override
    public Optional<TimestampedOffset> offsetForTimestamp(long timestampMillis) throws IOException {
        return TimestampSearch.first(segments, timestampMillis, startOffset(), endOffset, epochs);
    }

    @Override
    public Optional<TimestampedOffset> maxTimestamp() throws IOException {
        return TimestampSearch.max(segments, startOffset(), endOffset, epochs);
    }

    @Override
    public long nextUnordered(long offset) {
        return segments.nextUnordered(offset);
    }

    @Override
    public OptionalInt latestEpoch() {
        return epochs.latest();
    }

    @Override
    public OptionalInt epochAt(long offset) {
        return offset < startOffset() ? OptionalInt.empty() : epochs.epochAt(offset, endOffset);
    }

    @Override
    public Optional<EpochEnd> endOfEpoch(int epoch) {
        return epochs.endOf(epoch, endOffset);
    }

    @Override
    public void startEpoch(int epoch) {
        epochs.assign(epoch, endOffset);
    }

    @Override
    public Optional<ProducerEntry> producer(long producerId) {
        ProducerState state = producers.get(producerId);
        return state == null ? Optional.empty() : Optional.of(entry(state));
    }

    private static ProducerEntry entry(ProducerState state) {
        return new ProducerEntry(
                state.producerId,
                state.epoch,
                state.lastSequence(),
                state.lastOffset(),
                state.transactionFirst,
                state.coordinatorEpoch);
    }

    @Override
    public List<SeenProducer> producers() {
        List<SeenProducer> all = new ArrayList<>(producers.count());
        producers.all().forEach(state -> all.add(new SeenProducer(entry(state), state.lastTimestampMillis)));
        return all;
    }

    // ---- transactions

    @Override
    public long firstUndecidedOffset(long committedEnd) {
        return producers.transactions().firstUndecided(committedEnd);
    }

    @Override
    public long decisions(long committedEnd) {
        return producers.transactions().decisions(committedEnd);
    }

    @Override
    public boolean inTransaction(long producerId, short producerEpoch) {
        ProducerState state = producers.get(producerId);
        return state != null && state.inTransaction() && state.epoch == producerEpoch;
    }

    @Override
    public TransactionFate fate(long producerId, long baseOffset, long committedEnd) throws IOException {
        ProducerState state = producers.get(producerId);
        boolean open = state != null && state.inTransaction() && state.transactionFirst <= baseOffset;
        if (open || producers.transactions().decidesLater(producerId, baseOffset, committedEnd)) {
            return TransactionFate.UNDECIDED;
        }
        return new AbortedSearch(segments).isAborted(producerId, baseOffset)
                ? TransactionFate.ABORTED
                : TransactionFate.COMMITTED;
    }

    @Override
    public List<AbortedTransaction> abortedTransactions(long offset, long end) throws IOException {
        return new AbortedSearch(segments).between(offset, end);
    }

    @Override
    public ByteBuffer endMarker(boolean commit, long producerId, short producerEpoch, int coordinatorEpoch) {
        ProducerState state = producers.get(producerId);
        long first = state == null ? -1 : state.transactionFirst;
        long stable = Math.min(endOffset + 1, producers.transactions().firstOpenBut(producerId));
        return ControlBatch.endOfTransaction(
                producerId,
                producerEpoch,
                new ControlBatch.EndOfTransaction(commit, coordinatorEpoch, first, stable),
                parts.clock().millis());
    }

    // ---- shrink

    @Override
    public void truncateTo(long offset) throws IOException {
        requireOnline();
        if (offset >= endOffset) {
            return;
        }
        if (offset < startOffset()) {
            throw new OffsetOutOfRangeException(id, offset, startOffset(), endOffset);
        }
        try {
            truncate(offset);
        } catch (IOException e) {
            // Half cut: the next recovery finishes it.
            forceFailed(e);
            throw e;
        }
    }

    private void truncate(long offset) throws IOException {
        TruncationPoint point = TruncationPoint.find(segments, offset);
        boolean toStart = point.offset() < startOffset();
        // A batch that the log starts in the middle of is cut as a whole; the log then goes on at its start.
        Segment segment = toStart ? segments.first() : segments.floor(offset);
        int position = toStart ? 0 : point.position();
        long newEnd = toStart ? startOffset() : point.offset();
        segments.index(segment);
        // The journal knows first: what it has of the log from there on must not come back. Rare, so it may block.
        durability.truncated(newEnd, segment.baseOffset, position);
        parts.journal().syncNow();
        while (segments.active() != segment) {
            remove(segments.removeLast());
        }
        SegmentFiles.deleteSideFilesFrom(parts.disk(), segments.directory(), segment.baseOffset);
        if (toStart) {
            remove(segments.removeLast());
            segments.add(newEnd);
        } else {
            segment.truncate(position, newEnd);
            segment.force();
        }
        endOffset = newEnd;
        recoveryPoint = Math.min(recoveryPoint, endOffset);
        parts.disk().syncDirectory(segments.directory());
        // Any later word on this log tells a replay that the files have been cut.
        parts.journal().stageFact(JournalFormat.Type.START, id, start.keptOffset(), null);
        parts.journal().syncNow();
        epochs.truncateFromEnd(endOffset);
        if (toStart) {
            segment = segments.active();
        }
        segment.findMaxTimestamp();
        synchronized (segments) {
            start.keepProducers();
            new ProducerRecovery(
                            parts.disk(),
                            segments.directory(),
                            segments.all(),
                            producers,
                            parts.clock().millis())
                    .run();
        }
    }

    @Override
    public void restartAt(long offset) throws IOException {
        requireOnline();
        if (startOffset() != endOffset || offset < endOffset) {
            throw new IllegalStateException("the log " + id + " from " + startOffset() + " to " + endOffset
                    + " cannot begin anew at " + offset);
        }
        try {
            start.moveTo(offset);
            // The start first: a recovery that finds the old file then drops it, as one that ends before the start.
            parts.journal().stageFact(JournalFormat.Type.START, id, start.keptOffset(), null);
            parts.journal().syncNow();
            while (segments.all().length > 0) {
                remove(segments.removeLast());
            }
            segments.add(offset);
            endOffset = offset;
            recoveryPoint = offset;
            durability.setDurable(offset);
            epochs.truncateFromEnd(0);
        } catch (IOException e) {
            forceFailed(e);
            throw e;
        }
    }

    private void remove(Segment segment) throws IOException {
        segment.removed();
        parts.files().forget(segment.file);
        SegmentFiles.deleteAll(parts.disk(), segments.directory(), segment.baseOffset);
    }

    @Override
    public void advanceStartOffset(long offset) throws IOException {
        if (offset <= startOffset()) {
            return;
        }
        if (offset > endOffset) {
            throw new OffsetOutOfRangeException(id, offset, startOffset(), endOffset);
        }
        long before = startOffset();
        start.moveTo(offset);
        epochs.truncateFromStart(offset);
        if (offset == endOffset && segments.active().sizeBytes() >= ROLL_EMPTY_BYTES) {
            roll();
        }
        removeWhile(before, segment -> segment.nextOffset <= startOffset());
    }

    @Override
    public long neededFrom(long offset) {
        long needed = offset;
        for (Segment segment : segments.all()) {
            needed = Math.min(needed, segment.heads.neededFrom(offset));
        }
        return needed;
    }

    @Override
    public int applyRetention(long keepFrom) {
        if (offlineCause() != null) {
            return 0; // What it holds is known again when it has been recovered.
        }
        long now = parts.clock().millis();
        Segment active = segments.active();
        if (!active.isEmpty() && active.nextOffset <= keepFrom && isExpired(active, now)) {
            roll();
        }
        long[] excess = {config.retentionBytes() < 0 ? 0 : Math.max(0, segments.sizeBytes() - config.retentionBytes())};
        return removeWhile(startOffset(), segment -> {
            if (segment.nextOffset > keepFrom) {
                return false;
            }
            boolean tooLarge = excess[0] >= segment.sizeBytes();
            if (tooLarge) {
                excess[0] -= segment.sizeBytes();
            }
            return tooLarge || isExpired(segment, now) || segment.nextOffset <= startOffset();
        });
    }

    private boolean isExpired(Segment segment, long nowMillis) {
        return config.retentionMillis() >= 0
                && !segment.isEmpty()
                && nowMillis - Math.max(0, segment.maxTimestamp) > config.retentionMillis();
    }

    private int removeWhile(long before, Predicate<Segment> condition) {
        int gone = start.removeWhile(before, condition);
        if (gone > 0) {
            epochs.truncateFromStart(startOffset());
        }
        return gone;
    }

    // ---- end

    /** Forces and closes; the owner does not append any more. */
    Checkpoint.Entry close() throws IOException {
        Checkpoint.Entry entry = checkpoint();
        tellOwner(() -> durability.setDurable(entry.recoveryPoint()));
        sideFiles.writeLast();
        abandon();
        return entry;
    }

    /** What recovery may count on when the log could not be forced: nothing since its last good checkpoint. */
    Checkpoint.Entry uncertain() {
        long durable = isJournaled() ? Math.min(durability.durableEnd(), endOffset) : recoveryPoint;
        return new Checkpoint.Entry(start.keptOffset(), Math.min(recoveryPoint, endOffset), durable);
    }

    /** Lets go of files without forcing them; who waits is told that the log is closed. */
    void abandon() {
        LogException closed = new LogException(Reason.OFFLINE, "the log " + id + " was closed");
        offline.compareAndSet(null, closed);
        parts.journal().exclude(durability.handle());
        tellOwner(() -> {
            flush.stop(closed);
            durability.failAll(closed);
        });
        durability.close();
        for (Segment segment : start.onDisk()) {
            segment.removed();
            parts.files().forget(segment.file);
        }
    }

    private void tellOwner(Runnable task) {
        try {
            owner.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("Nobody is left to hear of the end of {}", id, e);
        }
    }

    Segments segments() {
        return segments;
    }
}
