package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The first phase of a branch of a distributed transaction: when it is answered, all that the branch sends and accepts is
 * kept, hidden, until {@link EndBranchRequest} says how it has ended; the session has no part in it any more. Idempotent by
 * (token, session, sequence), as {@link CommitRequest} is; the reply is empty.
 */
public record PrepareBranchRequest(
        int sessionId,
        long sequence,
        BranchId branch,
        List<SendEntry> sends,
        List<Mark> marks,
        List<Settlement> settlements)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES
                + Long.BYTES
                + branch.sizeBytes()
                + FieldWriter.listBytes(sends)
                + FieldWriter.listBytes(marks)
                + FieldWriter.listBytes(settlements);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        dst.putLong(sequence);
        branch.writeTo(dst);
        FieldWriter.list(dst, sends);
        FieldWriter.list(dst, marks);
        FieldWriter.list(dst, settlements);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static PrepareBranchRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new PrepareBranchRequest(
                in.int32(),
                in.int64(),
                BranchId.read(in),
                in.list(SendEntry.BYTES_MIN, SendEntry::read),
                in.list(Mark.BYTES_MIN, Mark::read),
                in.list(Settlement.BYTES_MIN, Settlement::read)));
    }
}
