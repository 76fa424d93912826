package io.penstock.broker.partition;

import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogAppend;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A partition that this broker leads: its records' log, its high watermark, and what waits for it. Everything here is
 * called by the owner's thread alone; others go through {@link #owner()}.
 */
public interface Partition {

    UUID topicId();

    String topicName();

    int index();

    Owner owner();

    int leaderEpoch();

    PartitionLog log();

    /**
     * The log's end when this broker opened the partition after its start: what lies below was written in an earlier
     * life, and after an unclean start its NON_PERSISTENT records are discarded.
     */
    default long openedEndOffset() {
        return 0;
    }

    /** First offset that readers may not see yet: everything below is committed. */
    long highWatermark();

    /** As the high watermark, but not beyond an undecided Kafka transaction. */
    default long lastStableOffset() {
        return transactions().lastStableOffset();
    }

    /** Kafka's transactions in this partition. */
    default PartitionTransactions transactions() {
        return new PartitionTransactions(this);
    }

    /** Messages whose bodies travel in pieces. */
    default LargeMessages largeMessages() {
        return new LargeMessages(this);
    }

    /**
     * Appends batches and calls back when they are committed (every in-sync replica has them, and they are forced
     * when the flush policy says so), or at once when {@code waitForCommit} is false.
     *
     * @param batches whole batches; patched in place, not retained after the call
     * @param callback on the owner's thread; may be called before this returns
     */
    void append(ByteBuffer batches, AppendOrigin origin, boolean waitForCommit, AppendCallback callback);

    /**
     * As {@link #append}, but calls back as soon as this broker alone has the batches as safe as the flush policy asks:
     * a later leader need not have them.
     */
    default void appendHere(ByteBuffer batches, AppendOrigin origin, AppendCallback callback) {
        append(batches, origin, true, callback);
    }

    /**
     * False while this broker may have been taken for dead without knowing it: it hands nothing out then. Listeners of
     * the high watermark are called when it is over.
     */
    default boolean serving() {
        return true;
    }

    /** True once everything that was there when this leadership began is committed. */
    default boolean settled() {
        return true;
    }

    /** Another broker may have led the partition before, and have handed out what it wrote nowhere. */
    default boolean inherited() {
        return false;
    }

    /** Is called once, on the owner's thread, when this leadership of the partition is over. */
    default Registration onClosed(java.util.function.Consumer<IOException> listener) {
        return () -> {};
    }

    /**
     * Reads whole batches at {@code offset}, up to the high watermark or the last stable offset.
     *
     * @throws io.penstock.storage.log.OffsetOutOfRangeException outside of what readers may see
     */
    LogSlice read(long offset, int maxBytes, boolean readCommitted, boolean atLeastOneBatch) throws IOException;

    /** Is called on the owner's thread each time the high watermark moved, until closed. */
    Registration onHighWatermark(Runnable listener);

    /** The partition's ledger, opened (and created) at first use; completes on the owner's thread. */
    java.util.concurrent.CompletionStage<PartitionLog> ledger();

    /**
     * One of its logs is of no use any more: when that was offline, the partition is closed and, for the next who asks,
     * opened and recovered anew. Requests until then fail and may be tried again.
     */
    default void failed(IOException cause) {}

    /** Moves the log start offset (DeleteRecords, settled records) and tells readers. */
    void advanceStartOffset(long offset) throws IOException;

    /** Told how an append ended. */
    interface AppendCallback {
        /** Exactly one of the two is null. */
        void done(LogAppend append, IOException failure);
    }

    /** Undoes a registration. */
    interface Registration {
        void cancel();
    }
}
