package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.disk.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A log that lives as long as this process, of batches in memory: for destinations that end with a connection. What it
 * holds counts against a budget until it is dropped. Nothing is ever more durable than it is at once, and there are no
 * transactions and no epochs. Its owner's thread only.
 */
public final class MemoryLog implements PartitionLog {
    private final LogId id;
    private final LogConfig config;
    private final MemoryBudget budget;
    private final boolean keeping;
    private final TreeMap<Long, ByteBuffer> batches = new TreeMap<>();
    private final ProducerStates producers = new ProducerStates();
    private final UnorderedSpan unordered = new UnorderedSpan();
    private long startOffset;
    private long endOffset;
    private long sizeBytes;
    private boolean closed;

    private MemoryLog(LogId id, LogConfig config, MemoryBudget budget, boolean keeping) {
        this.id = id;
        this.config = config;
        this.budget = budget;
        this.keeping = keeping;
    }

    public MemoryLog(LogId id, LogConfig config, MemoryBudget budget) {
        this(id, config, budget, true);
    }

    /** One that takes everything and holds nothing: a ledger that nobody will ever replay. */
    public static MemoryLog forgetful(LogId id, LogConfig config) {
        return new MemoryLog(id, config, new MemoryBudget(0), false);
    }

    /** Drops everything; what is appended from now on is refused. */
    public void close() {
        closed = true;
        drop(endOffset);
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
        throw new UnsupportedOperationException("the settings of " + id + " do not change");
    }

    @Override
    public long startOffset() {
        return startOffset;
    }

    @Override
    public long endOffset() {
        return endOffset;
    }

    @Override
    public long durableEndOffset() {
        return endOffset;
    }

    @Override
    public long sizeBytes() {
        return sizeBytes;
    }

    @Override
    public LogAppend append(ByteBuffer appended, int leaderEpoch, AppendOrigin origin) throws IOException {
        if (closed) {
            throw new LogException(LogException.Reason.OFFLINE, id + " was ended");
        }
        if (AppendCheck.check(id, appended, origin, config.maxBatchBytes()) != 1) {
            throw new LogException(LogException.Reason.INVALID_RECORD, "more than one batch at once for " + id);
        }
        int at = appended.position();
        long producerId = BatchHeader.producerId(appended, at);
        short epoch = BatchHeader.producerEpoch(appended, at);
        int firstSequence = BatchHeader.baseSequence(appended, at);
        int delta = BatchHeader.lastOffsetDelta(appended, at);
        int lastSequence = firstSequence < 0 ? -1 : ProducerStates.sequenceAfter(firstSequence, delta);
        if (producerId >= 0) {
            int repeat = producers.check(id, producerId, epoch, firstSequence, lastSequence);
            if (repeat >= 0) {
                ProducerState state = producers.get(producerId);
                return new LogAppend(state.baseOffset(repeat), state.lastOffset(repeat), startOffset, -1, true);
            }
        }
        int size = BatchHeader.sizeBytes(appended, at);
        if (keeping && !budget.take(size)) {
            throw new DiskFullException(
                    "temporary destinations hold " + budget.takenBytes() + " bytes, together they may hold "
                            + budget.bytesMax(),
                    null);
        }
        long base = endOffset;
        BatchHeader.assign(appended, at, base, leaderEpoch);
        if (keeping) {
            byte[] copy = new byte[size];
            appended.get(at, copy);
            batches.put(base, ByteBuffer.wrap(copy));
            sizeBytes += size;
        }
        endOffset = base + delta + 1;
        if (!BatchHeader.isInOrder(appended, at)) {
            unordered.add(base, endOffset);
        }
        if (!keeping) {
            startOffset = endOffset;
        }
        if (producerId >= 0) {
            producers.update(
                    producerId,
                    epoch,
                    firstSequence,
                    lastSequence,
                    base,
                    endOffset - 1,
                    BatchHeader.maxTimestamp(appended, at),
                    false);
        }
        return new LogAppend(base, endOffset - 1, startOffset, -1, false);
    }

    @Override
    public void onDurable(Consumer<IOException> done) {
        done.accept(null);
    }

    @Override
    public LogSlice read(long offset, int maxBytes, long end, boolean atLeastOneBatch) throws IOException {
        if (offset < startOffset || offset > endOffset) {
            throw new OffsetOutOfRangeException(id, offset, startOffset, endOffset);
        }
        List<ByteBuffer> found = new ArrayList<>();
        int size = 0;
        Map.Entry<Long, ByteBuffer> next = batches.floorEntry(offset);
        if (next == null || BatchHeader.lastOffset(next.getValue(), 0) < offset) {
            next = batches.higherEntry(offset);
        }
        for (; next != null && next.getKey() < end; next = batches.higherEntry(next.getKey())) {
            int bytes = next.getValue().capacity();
            if (size + bytes > maxBytes && !(found.isEmpty() && atLeastOneBatch)) {
                break;
            }
            found.add(next.getValue());
            size += bytes;
        }
        return new Slice(offset, size, found);
    }

    /** Holds on to its batches by itself. */
    private record Slice(long fetchOffset, int sizeBytes, List<ByteBuffer> batches) implements LogSlice {

        @Override
        public DiskFile file() {
            throw new UnsupportedOperationException("what is in memory alone has no file");
        }

        @Override
        public long position() {
            throw new UnsupportedOperationException("what is in memory alone has no file");
        }

        @Override
        public void readInto(ByteBuffer dst) {
            batches.forEach(batch -> dst.put(batch.duplicate()));
        }

        @Override
        public void close() {
            // Nothing is held open.
        }
    }

    @Override
    public void advanceStartOffset(long offset) throws IOException {
        if (offset > endOffset) {
            throw new OffsetOutOfRangeException(id, offset, startOffset, endOffset);
        }
        drop(offset);
    }

    private void drop(long below) {
        startOffset = Math.max(startOffset, below);
        while (!batches.isEmpty() && BatchHeader.lastOffset(batches.firstEntry().getValue(), 0) < startOffset) {
            int bytes = batches.pollFirstEntry().getValue().capacity();
            sizeBytes -= bytes;
            budget.giveBack(bytes);
        }
    }

    @Override
    public void truncateTo(long offset) {
        throw new UnsupportedOperationException("nobody else has " + id + ", so nothing of it is undone");
    }

    @Override
    public int applyRetention(long keepFrom) {
        return 0;
    }

    @Override
    public void startEpoch(int epoch) {
        // There is one leader as long as there is this log.
    }

    @Override
    public long nextUnordered(long offset) {
        return unordered.next(offset);
    }

    @Override
    public OptionalInt latestEpoch() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt epochAt(long offset) {
        return OptionalInt.empty();
    }

    @Override
    public Optional<EpochEnd> endOfEpoch(int epoch) {
        return Optional.empty();
    }

    @Override
    public Optional<TimestampedOffset> offsetForTimestamp(long timestampMillis) {
        return Optional.empty();
    }

    @Override
    public Optional<TimestampedOffset> maxTimestamp() {
        return Optional.empty();
    }

    @Override
    public Optional<ProducerEntry> producer(long producerId) {
        ProducerState state = producers.get(producerId);
        return state == null
                ? Optional.empty()
                : Optional.of(
                        new ProducerEntry(producerId, state.epoch, state.lastSequence(), state.lastOffset(), -1, -1));
    }
}
