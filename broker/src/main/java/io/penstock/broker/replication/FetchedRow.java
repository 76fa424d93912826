package io.penstock.broker.replication;

import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReplicaLogRow;
import io.penstock.protocol.message.ReplicaLogRow.State;
import io.penstock.protocol.message.ReplicaRow;
import io.penstock.storage.log.LogSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What a leader says of one partition, with the slices that it gives of its logs. Made on the partition's owner, then
 * handed to the session's; {@link #release} when it was written or not.
 */
final class FetchedRow {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final ReplicaRow header;
    private final Part records = new Part();
    private final Part ledger = new Part();

    FetchedRow(UUID topicId, int index, int leaderEpoch) {
        this(topicId, index, leaderEpoch, PenstockError.NONE);
    }

    private FetchedRow(UUID topicId, int index, int leaderEpoch, PenstockError error) {
        header = new ReplicaRow(topicId, index, leaderEpoch, error, records.row, ledger.row);
    }

    /** The partition is out of the session. */
    static FetchedRow failed(UUID topicId, int index, int leaderEpoch, PenstockError error) {
        return new FetchedRow(topicId, index, leaderEpoch, error);
    }

    /** One of the two logs. */
    static final class Part {
        private ReplicaLogRow row = new ReplicaLogRow(State.FITS, 0, 0, 0, -1, -1, NOTHING);
        private LogSlice slice;

        void says(State state, long offset, long highWatermark, long startOffset, int epoch, long epochEnd) {
            row = new ReplicaLogRow(state, offset, highWatermark, startOffset, epoch, epochEnd, NOTHING);
        }

        void holds(LogSlice batches) {
            slice = batches;
        }

        int bytes() {
            return slice == null ? 0 : slice.sizeBytes();
        }

        private boolean moves() {
            return row.state() != State.FITS || bytes() > 0;
        }

        private void writeTo(ByteBuffer dst) throws IOException {
            row.writeHeader(dst, bytes());
            if (slice != null) {
                slice.readInto(dst);
            }
        }

        private void release() {
            if (slice != null) {
                slice.close();
                slice = null;
            }
        }
    }

    Part records() {
        return records;
    }

    Part ledger() {
        return ledger;
    }

    /** Whether the follower is elsewhere when it has done what this says. */
    boolean moves() {
        return records.moves() || ledger.moves();
    }

    boolean isFailed() {
        return header.error() != PenstockError.NONE;
    }

    int sizeBytes() {
        return ReplicaRow.HEADER_BYTES + 2 * ReplicaLogRow.HEADER_BYTES + records.bytes() + ledger.bytes();
    }

    void writeTo(ByteBuffer dst) throws IOException {
        header.writeHeader(dst);
        records.writeTo(dst);
        ledger.writeTo(dst);
    }

    void release() {
        records.release();
        ledger.release();
    }
}
