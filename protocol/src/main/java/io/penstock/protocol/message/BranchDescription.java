package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * A branch that waits for its end, or for being forgotten.
 *
 * @param principal whose it is
 * @param preparedMillis when, in milliseconds since 1970
 * @param sends batches that it sends
 * @param accepted messages that it accepts
 */
public record BranchDescription(
        BranchId branch, State state, String principal, long preparedMillis, int sends, long accepted)
        implements PrivateMessage {
    static final int BYTES_MIN = BranchId.BYTES_MIN + 1 + Short.BYTES + Long.BYTES + Integer.BYTES + Long.BYTES;

    /** How it stands. */
    public enum State {
        PREPARED,
        COMMITTED_BY_HAND,
        ROLLED_BACK_BY_HAND
    }

    @Override
    public int sizeBytes() {
        return branch.sizeBytes()
                + Byte.BYTES
                + FieldWriter.stringBytes(principal)
                + Long.BYTES
                + Integer.BYTES
                + Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        branch.writeTo(dst);
        dst.put((byte) state.ordinal());
        FieldWriter.string(dst, principal);
        dst.putLong(preparedMillis).putInt(sends).putLong(accepted);
    }

    static BranchDescription read(FieldReader in) {
        BranchId branch = BranchId.read(in);
        int code = in.int8();
        if (code < 0 || code >= State.values().length) {
            throw new MalformedMessageException("state " + code + " of a branch");
        }
        return new BranchDescription(branch, State.values()[code], in.string(), in.int64(), in.int32(), in.int64());
    }
}
