package io.penstock.broker.partition;

import io.penstock.broker.partition.Partition.AppendCallback;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogException;
import io.penstock.storage.log.PartitionLog.AbortedTransaction;
import io.penstock.storage.log.PartitionLog.TransactionFate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Kafka's transactions as a partition sees them: what is undecided, who may write in one, and how one ends. A decision
 * counts once its marker is committed. Owner thread only.
 *
 * <p>A client's first batch of a transaction is taken only while its coordinator's word for it is fresh: a
 * {@link Verification}, which a marker of the same producer makes void. So nothing is ever written behind the marker
 * that nobody would end (invariant 15, KIP-890).
 */
public final class PartitionTransactions {
    private static final int HEADER_BYTES = 61;
    private static final int ATTRIBUTES_POSITION = 21;
    private static final int PRODUCER_ID_POSITION = 43;
    private static final int EPOCH_POSITION = 51;
    private static final int TRANSACTIONAL = 16;

    private final Partition partition;
    /** By producer; as many as requests that wait for a coordinator's answer. */
    private final Map<Long, Verification> verifications = new HashMap<>(0);

    private Verification entered;

    /** A question to the coordinator that is under way. */
    public final class Verification {
        private final long producerId;
        private int uses;
        private boolean valid = true;

        private Verification(long producerId) {
            this.producerId = producerId;
        }

        /**
         * Lets the append run that was verified, unless the producer's transaction was ended meanwhile; to be called
         * once, in any case.
         *
         * @param append runs at once; null when there is nothing to append after all
         * @return whether it ran
         */
        public boolean finish(Runnable append) {
            if (--uses == 0) {
                verifications.remove(producerId, this);
            }
            if (!valid || append == null) {
                return false;
            }
            entered = this;
            try {
                append.run();
            } finally {
                entered = null;
            }
            return true;
        }
    }

    PartitionTransactions(Partition partition) {
        this.partition = partition;
    }

    /** Begins to ask the coordinator whether a producer's transaction includes this partition. */
    public Verification verify(long producerId) {
        Verification verification = verifications.computeIfAbsent(producerId, Verification::new);
        verification.uses++;
        return verification;
    }

    /** Whether the producer has an undecided transaction of this epoch here: then it needs no verification. */
    public boolean includes(long producerId, short producerEpoch) {
        return partition.log().inTransaction(producerId, producerEpoch);
    }

    /** All below is decided; not above the high watermark. */
    public long lastStableOffset() {
        long committed = partition.highWatermark();
        long undecided = partition.log().firstUndecidedOffset(committed);
        return undecided >= committed
                ? committed
                : Math.max(undecided, partition.log().startOffset());
    }

    /** What became of a transactional batch below the high watermark. */
    public TransactionFate fate(long producerId, long baseOffset) throws IOException {
        return partition.log().fate(producerId, baseOffset, partition.highWatermark());
    }

    /** Grows each time a transaction becomes decided. */
    public long decisions() {
        return partition.log().decisions(partition.highWatermark());
    }

    /** Aborted transactions of which something may lie in a range of offsets, and perhaps some that begin behind it. */
    public List<AbortedTransaction> aborted(long offset, long end) throws IOException {
        return partition.log().abortedTransactions(offset, end);
    }

    /**
     * Appends the marker that ends a producer's transaction here, whether there is one or not: the marker's epoch
     * fences what comes late.
     *
     * @param bumped whether the epoch must be newer than that of the transaction, as version 2 of the protocol has it
     */
    public void end(
            boolean commit,
            long producerId,
            short producerEpoch,
            int coordinatorEpoch,
            boolean bumped,
            AppendCallback callback) {
        if (bumped && includes(producerId, producerEpoch)) {
            callback.done(
                    null,
                    new LogException(
                            LogException.Reason.FENCED_PRODUCER_EPOCH,
                            "a marker of epoch " + producerEpoch + " must be newer than the transaction of producer "
                                    + producerId + " in " + partition.log().id()));
            return;
        }
        Verification verification = verifications.remove(producerId);
        if (verification != null) {
            verification.valid = false;
        }
        ByteBuffer marker = partition.log().endMarker(commit, producerId, producerEpoch, coordinatorEpoch);
        partition.append(marker, AppendOrigin.BROKER, true, callback);
    }

    /**
     * Refuses a client's transactional batch that is in no transaction and was not verified.
     *
     * @throws LogException with INVALID_TRANSACTION_STATE
     */
    void check(ByteBuffer batches, AppendOrigin origin) throws LogException {
        if (origin != AppendOrigin.CLIENT) {
            return;
        }
        for (int at = batches.position(); at + HEADER_BYTES <= batches.limit(); ) {
            long producerId = batches.getLong(at + PRODUCER_ID_POSITION);
            boolean transactional = (batches.getShort(at + ATTRIBUTES_POSITION) & TRANSACTIONAL) != 0;
            if (transactional
                    && !includes(producerId, batches.getShort(at + EPOCH_POSITION))
                    && (entered == null || entered.producerId != producerId)) {
                throw new LogException(
                        LogException.Reason.INVALID_TRANSACTION_STATE,
                        "producer " + producerId + " has no transaction in "
                                + partition.log().id());
            }
            // What the lengths are worth is checked by the log.
            at += Math.max(HEADER_BYTES, batches.getInt(at + 8) + 12);
            if (at < 0) {
                return;
            }
        }
    }
}
