package io.penstock.broker.replication;

import io.penstock.protocol.message.ReplicaLogPosition;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where a leader's batches begin: a log may start in the middle of one, and followers take whole ones. Owner thread only.
 */
final class BatchBounds {
    private static final int BATCH_HEADER_BYTES = 61;

    private BatchBounds() {}

    /** Offset of the first batch, which may lie before the log's start. */
    static long first(PartitionLog own) throws IOException {
        return of(own, own.startOffset());
    }

    /**
     * Whether what the leader has from a follower's end on begins with a whole batch. Not so when the follower's log ends
     * before the leader's, nor when it is empty and starts in the middle of a batch: it had that batch, and has lost it.
     */
    static boolean takesWholeBatches(PartitionLog own, ReplicaLogPosition position) throws IOException {
        if (position.offset() < own.startOffset()) {
            return position.offset() == first(own);
        }
        boolean empty = position.lastEpoch() < 0;
        return !empty || position.offset() >= own.endOffset() || of(own, position.offset()) == position.offset();
    }

    private static long of(PartitionLog own, long offset) throws IOException {
        try (LogSlice slice = own.read(offset, BATCH_HEADER_BYTES, own.endOffset(), true)) {
            if (slice.sizeBytes() == 0) {
                return offset;
            }
            ByteBuffer batch = ByteBuffer.allocate(slice.sizeBytes());
            slice.readInto(batch);
            return batch.getLong(0);
        }
    }
}
