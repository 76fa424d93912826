package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What one log must hold, as the simplest program would keep it: a list of batches. */
final class ModelLog {
    final LogId id;
    LogConfig config;
    final List<Batch> batches = new ArrayList<>();
    /** What was told to be durable. */
    long acknowledgedEnd;
    /** What was appended, and not failed, at the moment of a crash. */
    long startOffset;

    /** Producers that write to the log in turn; a batch may have none. */
    final long[] producerIds;

    private final Map<Long, Integer> nextSequences = new HashMap<>();
    int epoch;
    PartitionLog log;

    record Batch(long baseOffset, byte[] bytes, long timestamp, long producerId, int firstSequence, int count) {
        long endOffset() {
            return baseOffset + count;
        }
    }

    ModelLog(LogId id, LogConfig config, long... producerIds) {
        this.id = id;
        this.config = config;
        this.producerIds = producerIds;
    }

    boolean isJournaled() {
        return config.flushPolicy() == LogConfig.FlushPolicy.BEFORE_REPLY;
    }

    long endOffset() {
        // A log that starts in the middle of a batch loses all of it to a truncation, and goes on at its start.
        return Math.max(
                startOffset,
                batches.isEmpty() ? 0 : batches.get(batches.size() - 1).endOffset());
    }

    void cutTo(long offset) {
        while (!batches.isEmpty() && batches.get(batches.size() - 1).endOffset() > offset) {
            Batch gone = batches.remove(batches.size() - 1);
            nextSequences.put(gone.producerId, gone.firstSequence);
        }
        acknowledgedEnd = Math.min(acknowledgedEnd, endOffset());
    }

    int nextSequence(long producerId) {
        return nextSequences.getOrDefault(producerId, 0);
    }

    void add(Batch batch) {
        batches.add(batch);
        nextSequences.put(batch.producerId, batch.firstSequence + batch.count);
    }

    /** The last batch of a producer that readers can see, or null. */
    Batch lastVisible(long producerId) {
        for (int i = batches.size() - 1; i >= 0; i--) {
            if (batches.get(i).producerId == producerId) {
                return batches.get(i).endOffset() > log.startOffset() ? batches.get(i) : null;
            }
        }
        return null;
    }

    /** Compares a log that was opened after a crash, then goes on with what it has. */
    void verifyRecovered(boolean powerCut) throws IOException {
        long end = log.endOffset();
        long least = isJournaled() || !powerCut ? acknowledgedEnd : 0;
        assertTrue(end >= least, () -> id + " lost acknowledged records: it ends at " + end + ", not at " + least);
        assertTrue(end <= endOffset(), () -> id + " has records that nobody appended, up to " + end);
        assertTrue(log.startOffset() <= Math.max(startOffset, 0), () -> id + " starts too late: " + log.startOffset());
        startOffset = log.startOffset();
        cutTo(end);
        assertEquals(end, endOffset(), () -> "the end is the end of a batch of " + id);
        // What lost its durability proof is proven anew by recovery, which forces what it accepts.
        acknowledgedEnd = end;
        verifyContent();
    }

    /** Reads everything and compares it byte by byte; then looks offsets and timestamps up. */
    void verifyContent() throws IOException {
        assertEquals(endOffset(), log.endOffset(), "end of " + id);
        long at = log.startOffset();
        while (at < log.endOffset()) {
            at = verifyBatchAt(at).endOffset();
        }
        for (int i = 0; i < batches.size(); i += 1 + batches.size() / 20) {
            Batch batch = batches.get(i);
            if (batch.endOffset() > log.startOffset()) {
                verifyTimestamp(batch.timestamp);
            }
        }
        for (long producerId : producerIds) {
            if (lastVisible(producerId) != null) {
                assertEquals(
                        nextSequence(producerId) - 1,
                        log.producer(producerId).orElseThrow().lastSequence(),
                        "last sequence of producer " + producerId + " of " + id);
            }
        }
    }

    private Batch verifyBatchAt(long offset) throws IOException {
        Batch expected = batches.stream()
                .filter(batch -> batch.endOffset() > offset)
                .findFirst()
                .orElseThrow();
        try (LogSlice slice = log.read(offset, 1, Long.MAX_VALUE, true)) {
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeBytes());
            slice.readInto(bytes);
            assertArrayEquals(expected.bytes, bytes.array(), () -> id + " at offset " + offset);
        }
        return expected;
    }

    private void verifyTimestamp(long timestamp) throws IOException {
        long expected = -1;
        for (Batch batch : batches) {
            if (batch.timestamp >= timestamp && batch.endOffset() > log.startOffset()) {
                expected = Math.max(batch.baseOffset, log.startOffset());
                break;
            }
        }
        assertEquals(
                expected,
                log.offsetForTimestamp(timestamp).orElseThrow().offset(),
                () -> id + " by timestamp " + timestamp);
    }
}
