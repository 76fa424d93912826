package io.penstock.storage.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One append-only log of record batches (magic 2): segments, indexes, epochs, producer state. Its owner's thread
 * calls everything here but {@link LogSlice}, which any thread may use.
 *
 * <p>An append writes to the page cache. When it is durable is told through {@link #durableEndOffset} and
 * {@link #onDurable}; the journal and the segments decide how (see the decision record on the journal).
 */
public interface PartitionLog {

    LogId id();

    LogConfig config();

    /** Applies changed settings from now on. */
    void configure(LogConfig config);

    /** First offset that can be read. */
    long startOffset();

    /** Offset that the next record gets. */
    long endOffset();

    /**
     * End of what survives a power cut, as far as the flush policy asks for it: with {@code BEFORE_REPLY} what has
     * been forced; with the other policies the same as {@link #endOffset}.
     */
    long durableEndOffset();

    /** Bytes of all segments, without preallocated space. */
    long sizeBytes();

    /**
     * Appends one or more batches, patched in place (base offset, leader epoch, and with log append time the
     * timestamps and CRC).
     *
     * @param batches read to its limit, not retained; position and limit are left as they were
     * @throws io.penstock.storage.log.LogException a named subclass for each thing that can be wrong with the batches
     * @throws IOException when the disk failed; {@link io.penstock.storage.disk.DiskFullException} when it is full.
     *     The log then holds what it held before.
     */
    LogAppend append(ByteBuffer batches, int leaderEpoch, AppendOrigin origin) throws IOException;

    /**
     * Asks that everything appended so far becomes durable soon, and to be called then, on the owner's thread. With
     * {@code BEFORE_REPLY} all who ask share one sync. A listener is called at once when nothing is left to wait for.
     *
     * @param done gets null, or the error after which nothing more is assumed durable
     */
    void onDurable(java.util.function.Consumer<IOException> done);

    /**
     * As {@link #onDurable}, and whatever the flush policy is: everything appended so far is on this broker's disk then.
     * For the few records that somebody counts on for good, as on a transaction's marker; all who ask share a force.
     */
    default void onForced(java.util.function.Consumer<IOException> done) {
        onDurable(done);
    }

    /**
     * Finds whole batches from the one that holds {@code offset}.
     *
     * @param maxBytes limit in bytes; the first batch is returned whole when {@code atLeastOneBatch} is set even if it
     *     is larger
     * @param endOffset exclusive: no batch that starts here or later is returned
     * @throws OffsetOutOfRangeException below {@link #startOffset} or above {@link #endOffset}
     */
    LogSlice read(long offset, int maxBytes, long endOffset, boolean atLeastOneBatch) throws IOException;

    /** The first record with a timestamp of {@code timestampMillis} or later. */
    Optional<TimestampedOffset> offsetForTimestamp(long timestampMillis) throws IOException;

    /** The first record that has the largest timestamp. */
    Optional<TimestampedOffset> maxTimestamp() throws IOException;

    /**
     * The first offset at or after {@code offset} where a batch may lie whose writer does not vouch that its records are
     * delivered in the log's order ({@code RecordBatch.inOrder}); {@link Long#MAX_VALUE} for none. Cheap: no disk.
     */
    default long nextUnordered(long offset) {
        return offset;
    }

    /** Epoch of the newest batch; empty for a log without one. */
    OptionalInt latestEpoch();

    /** Epoch of a record, empty where unknown. */
    OptionalInt epochAt(long offset);

    /** KIP-101: the largest epoch not above {@code epoch} and the offset where it ended. */
    Optional<EpochEnd> endOfEpoch(int epoch);

    /** Records the start of a leader's epoch (KIP-101). */
    void startEpoch(int epoch) throws IOException;

    /** Removes everything from {@code offset} on. */
    void truncateTo(long offset) throws IOException;

    /**
     * Lets an empty log go on at a later offset: a replica whose leader has nothing older any more.
     *
     * @throws IllegalStateException when the log holds records, or ends behind {@code offset}
     */
    default void restartAt(long offset) throws IOException {
        throw new UnsupportedOperationException(id() + " is never replicated");
    }

    /** Makes everything below {@code offset} unreadable and frees whole segments (DeleteRecords, settled records). */
    void advanceStartOffset(long offset) throws IOException;

    /** Removes segments that retention no longer keeps, none at or above {@code keepFrom}; returns how many went. */
    int applyRetention(long keepFrom) throws IOException;

    /**
     * From where on records are needed when all from {@code offset} on are: pieces of large messages whose heads lie
     * there are older. Never more than {@code offset}; may be less than it would have to be.
     */
    default long neededFrom(long offset) {
        return offset;
    }

    // ---- Kafka's transactions

    /**
     * First offset of the transactions that are undecided, or whose markers lie at or behind {@code committedEnd};
     * {@link Long#MAX_VALUE} without any. A committed end never goes back.
     */
    default long firstUndecidedOffset(long committedEnd) {
        return Long.MAX_VALUE;
    }

    /** Grows each time a transaction of this log becomes decided for readers. */
    default long decisions(long committedEnd) {
        return 0;
    }

    /** Whether the producer has an undecided transaction of this epoch here. */
    default boolean inTransaction(long producerId, short producerEpoch) {
        return false;
    }

    /** What became of a transactional batch of a producer; a function of the log and of its committed end. */
    default TransactionFate fate(long producerId, long baseOffset, long committedEnd) throws IOException {
        return TransactionFate.COMMITTED;
    }

    /**
     * Aborted transactions of which something may lie from {@code offset} on and below {@code end}, by first offset;
     * the list may name some that begin later.
     */
    default List<AbortedTransaction> abortedTransactions(long offset, long end) throws IOException {
        return List.of();
    }

    /** The marker that ends a producer's transaction here, made for the log's present end; to be appended next. */
    default ByteBuffer endMarker(boolean commit, long producerId, short producerEpoch, int coordinatorEpoch) {
        throw new UnsupportedOperationException("no transactions in " + id());
    }

    /** All producers that are known, for description. */
    default List<SeenProducer> producers() {
        return List.of();
    }

    /** What became of a transactional batch. */
    enum TransactionFate {
        UNDECIDED,
        COMMITTED,
        ABORTED
    }

    /** As Fetch names it. */
    record AbortedTransaction(long producerId, long firstOffset) {}

    /** State of an idempotent producer's newest batch, for tests and description. */
    Optional<ProducerEntry> producer(long producerId);

    /** @param leaderEpoch -1 where unknown */
    record TimestampedOffset(long offset, long timestampMillis, int leaderEpoch) {}

    /** @param endOffset the first offset after the epoch */
    record EpochEnd(int epoch, long endOffset) {}

    /**
     * The last sequence that a producer has in the log.
     *
     * @param transactionFirst where its undecided transaction begins, -1 without one
     * @param coordinatorEpoch of the last marker, -1 without one
     */
    record ProducerEntry(
            long producerId,
            short producerEpoch,
            int lastSequence,
            long lastOffset,
            long transactionFirst,
            int coordinatorEpoch) {}

    /** @param seenMillis when the producer was last heard of here, or read by a recovery */
    record SeenProducer(ProducerEntry producer, long seenMillis) {}
}
