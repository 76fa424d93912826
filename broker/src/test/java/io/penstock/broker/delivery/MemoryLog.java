package io.penstock.broker.delivery;

import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogAppend;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.OffsetOutOfRangeException;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A log in memory whose syncs and failures the test decides. */
final class MemoryLog implements PartitionLog {

    private final LogId id;
    private final TreeMap<Long, byte[]> batches = new TreeMap<>();
    private final List<Consumer<IOException>> waiting = new ArrayList<>();
    private long start;
    private long end;
    private long durable;
    /** Without it a sync happens only in {@link #sync}. */
    boolean syncAtOnce = true;
    /** Thrown by the next appends. */
    IOException appendFails;

    RuntimeException appendBreaks;
    int appends;
    int reads;

    MemoryLog(LogId id) {
        this.id = id;
    }

    /** What was written before, with everything that was not synced. */
    MemoryLog afterKill() {
        MemoryLog next = new MemoryLog(id);
        next.batches.putAll(batches);
        next.start = start;
        next.end = end;
        next.durable = end;
        return next;
    }

    /** Only what was synced. */
    MemoryLog afterPowerCut() {
        MemoryLog next = new MemoryLog(id);
        next.batches.putAll(batches.headMap(durable, false));
        next.start = start;
        next.end = durable;
        next.durable = durable;
        return next;
    }

    void sync() {
        durable = end;
        List<Consumer<IOException>> told = new ArrayList<>(waiting);
        waiting.clear();
        told.forEach(each -> each.accept(null));
    }

    void syncFails(IOException failure) {
        List<Consumer<IOException>> told = new ArrayList<>(waiting);
        waiting.clear();
        told.forEach(each -> each.accept(failure));
    }

    @Override
    public LogAppend append(ByteBuffer given, int leaderEpoch, AppendOrigin origin) throws IOException {
        if (appendFails != null) {
            throw appendFails;
        }
        if (appendBreaks != null) {
            throw appendBreaks;
        }
        appends++;
        long base = end;
        int at = given.position();
        while (at < given.limit()) {
            byte[] batch = new byte[12 + given.getInt(at + 8)];
            given.get(at, batch);
            ByteBuffer.wrap(batch).putLong(0, end).putInt(12, leaderEpoch);
            batches.put(end, batch);
            end += ByteBuffer.wrap(batch).getInt(23) + 1;
            at += batch.length;
        }
        if (syncAtOnce) {
            durable = end;
        }
        return new LogAppend(base, end - 1, start, -1, false);
    }

    /** Leaves out offsets, as compaction and transactions do. */
    void skip(int offsets) {
        end += offsets;
        durable = end;
    }

    @Override
    public LogSlice read(long offset, int maxBytes, long endOffset, boolean atLeastOne) throws IOException {
        if (offset < start || offset > end) {
            throw new OffsetOutOfRangeException(id, offset, start, end);
        }
        reads++;
        Long first = batches.floorKey(offset);
        if (first != null) {
            byte[] batch = batches.get(first);
            if (first + ByteBuffer.wrap(batch).getInt(23) < offset) {
                first = batches.higherKey(offset);
            }
        } else {
            first = batches.ceilingKey(offset);
        }
        List<byte[]> found = new ArrayList<>();
        int size = 0;
        if (first != null) {
            for (Map.Entry<Long, byte[]> batch : batches.tailMap(first, true).entrySet()) {
                boolean fits = size + batch.getValue().length <= maxBytes || (atLeastOne && found.isEmpty());
                if (batch.getKey() >= endOffset || !fits) {
                    break;
                }
                found.add(batch.getValue());
                size += batch.getValue().length;
            }
        }
        return new MemorySlice(offset, size, found);
    }

    private record MemorySlice(long fetchOffset, int sizeBytes, List<byte[]> found) implements LogSlice {
        @Override
        public DiskFile file() {
            throw new UnsupportedOperationException();
        }

        @Override
        public long position() {
            return 0;
        }

        @Override
        public void readInto(ByteBuffer dst) {
            found.forEach(dst::put);
        }

        @Override
        public void close() {}
    }

    @Override
    public LogId id() {
        return id;
    }

    @Override
    public LogConfig config() {
        return LogConfig.defaults();
    }

    @Override
    public void configure(LogConfig config) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long startOffset() {
        return start;
    }

    @Override
    public long endOffset() {
        return end;
    }

    @Override
    public long durableEndOffset() {
        return durable;
    }

    @Override
    public long sizeBytes() {
        return batches.values().stream().mapToLong(batch -> batch.length).sum();
    }

    @Override
    public void onDurable(Consumer<IOException> done) {
        if (durable == end) {
            done.accept(null);
        } else {
            waiting.add(done);
        }
    }

    @Override
    public Optional<TimestampedOffset> offsetForTimestamp(long timestampMillis) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<TimestampedOffset> maxTimestamp() {
        throw new UnsupportedOperationException();
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
    public void startEpoch(int epoch) {}

    @Override
    public void truncateTo(long offset) {
        batches.tailMap(offset, true).clear();
        end = offset;
        durable = Math.min(durable, end);
    }

    @Override
    public void restartAt(long offset) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void advanceStartOffset(long offset) {
        start = Math.max(start, offset);
        batches.entrySet()
                .removeIf(batch ->
                        batch.getKey() + ByteBuffer.wrap(batch.getValue()).getInt(23) < offset);
    }

    @Override
    public int applyRetention(long keepFrom) {
        return 0;
    }

    @Override
    public Optional<ProducerEntry> producer(long producerId) {
        return Optional.empty();
    }
}
