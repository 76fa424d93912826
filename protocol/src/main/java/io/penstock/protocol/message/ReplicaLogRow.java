package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * What a leader says of one log.
 *
 * @param offset of the follower's position that this answers
 * @param epoch of {@link State#DIVERGING}: the leader's largest epoch that is not above the follower's last
 * @param epochEnd where that epoch ends at the leader
 * @param batches go on where the follower's log ends
 */
public record ReplicaLogRow(
        State state, long offset, long highWatermark, long startOffset, int epoch, long epochEnd, ByteBuffer batches)
        implements PrivateMessage {
    public static final int HEADER_BYTES = 1 + 4 * Long.BYTES + 2 * Integer.BYTES;

    /** How the follower's log fits the leader's. */
    public enum State {
        FITS,
        /** The follower must cut its log. */
        DIVERGING,
        /** The follower ends before the leader's start, or the leader before the follower's: begin anew. */
        OUT_OF_RANGE;

        private static final State[] ALL = values();
    }

    @Override
    public int sizeBytes() {
        return HEADER_BYTES + batches.remaining();
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        writeHeader(dst, batches.remaining());
        dst.put(batches.duplicate());
    }

    /** Writes all but the batches, which must follow. */
    public void writeHeader(ByteBuffer dst, int batchBytes) {
        dst.put((byte) state.ordinal());
        dst.putLong(offset)
                .putLong(highWatermark)
                .putLong(startOffset)
                .putInt(epoch)
                .putLong(epochEnd);
        dst.putInt(batchBytes);
    }

    static ReplicaLogRow read(FieldReader in) {
        byte code = in.int8();
        if (code < 0 || code >= State.ALL.length) {
            throw new MalformedMessageException("state of a log is " + code);
        }
        return new ReplicaLogRow(
                State.ALL[code], in.int64(), in.int64(), in.int64(), in.int32(), in.int64(), in.bytes());
    }
}
