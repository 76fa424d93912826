package io.penstock.storage.log;

import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.record.ControlBatch;
import io.penstock.protocol.record.ControlBatch.EndOfTransaction;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.storage.log.LogException.Reason;
import java.nio.ByteBuffer;

/** What batches mean for a log's state: their offsets, epochs, producers' sequences and transactions. Owner thread only. */
final class BatchTracker {
    private final LeaderEpochs epochs;
    private final ProducerStates producers;

    BatchTracker(LeaderEpochs epochs, ProducerStates producers) {
        this.epochs = epochs;
        this.producers = producers;
    }

    /**
     * Checks the sequences of idempotent producers.
     *
     * @return what the first append of these batches answered, when they are a repeat; else null
     */
    LogAppend checkSequences(LogId log, ByteBuffer b, int batchCount, long startOffset) throws LogException {
        int repeats = 0;
        long base = -1;
        long last = -1;
        long previousProducer = -1;
        int previousSequence = -1;
        for (int at = b.position(); at < b.limit(); at += BatchHeader.sizeBytes(b, at)) {
            long producerId = BatchHeader.producerId(b, at);
            if (BatchHeader.isEndOfTransaction(b, at)) {
                EndOfTransaction end = endOf(b, at);
                if (end != null) {
                    producers.checkEnd(log, producerId, BatchHeader.producerEpoch(b, at), end);
                }
            }
            if (producerId < 0 || BatchHeader.isControl(b, at)) {
                previousProducer = -1;
                continue;
            }
            producers.checkTransaction(
                    log, producerId, BatchHeader.producerEpoch(b, at), BatchHeader.isTransactional(b, at));
            int first = BatchHeader.baseSequence(b, at);
            int lastSequence = ProducerStates.sequenceAfter(first, BatchHeader.lastOffsetDelta(b, at));
            int repeat = -1;
            if (producerId == previousProducer) {
                if (first != ProducerStates.sequenceAfter(previousSequence, 1)) {
                    throw ProducerStates.outOfOrder(
                            log, producerId, ProducerStates.sequenceAfter(previousSequence, 1), first);
                }
                repeat = repeats > 0 ? producers.get(producerId).find(first, lastSequence) : -1;
            } else {
                repeat = producers.check(log, producerId, BatchHeader.producerEpoch(b, at), first, lastSequence);
            }
            if (repeat >= 0) {
                ProducerState state = producers.get(producerId);
                base = repeats == 0 ? state.baseOffset(repeat) : base;
                last = state.lastOffset(repeat);
                repeats++;
            }
            previousProducer = producerId;
            previousSequence = lastSequence;
        }
        if (repeats == 0) {
            return null;
        }
        if (repeats < batchCount) {
            throw new LogException(
                    Reason.INVALID_RECORD, repeats + " of " + batchCount + " batches are already in " + log);
        }
        return new LogAppend(base, last, startOffset, -1, true);
    }

    /** Gives the batches their offsets, from {@code offset} on. */
    void assign(LogId log, ByteBuffer b, long offset, int leaderEpoch, long appendTimeMillis) throws LogException {
        long next = offset;
        for (int at = b.position(); at < b.limit(); at += BatchHeader.sizeBytes(b, at)) {
            int delta = BatchHeader.lastOffsetDelta(b, at);
            if (next > Long.MAX_VALUE - 1 - delta) {
                throw new LogException(Reason.INVALID_RECORD, "no offsets are left in " + log);
            }
            BatchHeader.assign(b, at, next, leaderEpoch);
            if (appendTimeMillis >= 0) {
                BatchHeader.stampAppendTime(b, at, appendTimeMillis);
            }
            next += delta + 1L;
        }
    }

    /** A leader's batches must go on where the log ends. */
    void checkOffsets(LogId log, ByteBuffer b, long offset) throws LogException {
        long next = offset;
        for (int at = b.position(); at < b.limit(); at += BatchHeader.sizeBytes(b, at)) {
            if (BatchHeader.baseOffset(b, at) != next) {
                throw new LogException(
                        Reason.OFFSET_OUT_OF_RANGE,
                        "a replicated batch at " + BatchHeader.baseOffset(b, at) + " does not continue " + log + " at "
                                + next);
            }
            next = BatchHeader.lastOffset(b, at) + 1;
        }
    }

    static long lastOffset(ByteBuffer b) {
        long last = -1;
        for (int at = b.position(); at < b.limit(); at += BatchHeader.sizeBytes(b, at)) {
            last = BatchHeader.lastOffset(b, at);
        }
        return last;
    }

    /** Counts batches that were written to a segment; returns the log's new end. */
    long added(Segment segment, ByteBuffer b, int position, long nowMillis) {
        int start = b.position();
        for (int at = start; at < b.limit(); at += BatchHeader.sizeBytes(b, at)) {
            added(segment, b, at, position + at - start, nowMillis);
        }
        return segment.nextOffset;
    }

    /**
     * Counts one batch, when it is appended or found by recovery.
     *
     * @param nowMillis when the producer was seen; recovery takes its own time, as a client's timestamps prove nothing
     */
    void added(Segment segment, ByteBuffer b, int at, int position, long nowMillis) {
        long base = BatchHeader.baseOffset(b, at);
        long last = BatchHeader.lastOffset(b, at);
        long timestamp = BatchHeader.maxTimestamp(b, at);
        segment.added(position, base, last, BatchHeader.sizeBytes(b, at), BatchHeader.crc(b, at), timestamp, nowMillis);
        if (!BatchHeader.isInOrder(b, at)) {
            segment.unordered.add(base, last + 1);
        }
        epochs.assign(BatchHeader.leaderEpoch(b, at), base);
        producerSeen(producers, b, at, nowMillis);
        if (BatchHeader.isHead(b, at)) {
            LargeHead head = LargeHead.of(new RecordBatch().wrap(b, at));
            if (head != null) {
                segment.heads.add(base, head.first());
            }
        }
        if (BatchHeader.isEndOfTransaction(b, at)) {
            noteAborted(segment.aborted, b, at);
            segment.abortedCount = segment.aborted.count();
        }
    }

    /** Notes an aborted transaction, which its marker describes. */
    static void noteAborted(AbortedTransactions aborted, ByteBuffer b, int at) {
        EndOfTransaction end = endOf(b, at);
        if (end != null && !end.commit() && end.firstOffset() >= 0) {
            aborted.add(
                    BatchHeader.producerId(b, at),
                    end.firstOffset(),
                    BatchHeader.baseOffset(b, at),
                    end.stableOffset());
        }
    }

    /** The marker at a position, which must be there as a whole; null for another kind of control batch. */
    private static EndOfTransaction endOf(ByteBuffer b, int at) {
        return ControlBatch.endOfTransaction(new RecordBatch().wrap(b, at));
    }

    /** Counts what a batch says of its producer; of a marker all must be there, of others the header is enough. */
    static void producerSeen(ProducerStates producers, ByteBuffer b, int at, long nowMillis) {
        if (BatchHeader.isEndOfTransaction(b, at)) {
            EndOfTransaction end = endOf(b, at);
            if (end != null) {
                producers.ended(
                        BatchHeader.producerId(b, at),
                        BatchHeader.producerEpoch(b, at),
                        end,
                        BatchHeader.baseOffset(b, at),
                        nowMillis);
            }
        } else if (BatchHeader.producerId(b, at) >= 0) {
            int first = BatchHeader.baseSequence(b, at);
            producers.update(
                    BatchHeader.producerId(b, at),
                    BatchHeader.producerEpoch(b, at),
                    first,
                    ProducerStates.sequenceAfter(first, BatchHeader.lastOffsetDelta(b, at)),
                    BatchHeader.baseOffset(b, at),
                    BatchHeader.lastOffset(b, at),
                    nowMillis,
                    BatchHeader.isTransactional(b, at));
        }
    }
}
