package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Gives the home a branch that every leader has agreed to: it keeps the branch, whole, until it is told how it ends. Asking
 * again is answered alike. The reply is empty.
 *
 * @param term for which it was prepared; no other keeps it
 */
public record HoldBranchRequest(
        BranchId branch,
        String principal,
        long preparedMillis,
        CommitId commit,
        CommitTerm term,
        List<SendEntry> sends,
        List<CommitSettle> settles)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return branch.sizeBytes()
                + FieldWriter.stringBytes(principal)
                + Long.BYTES
                + commit.sizeBytes()
                + term.sizeBytes()
                + FieldWriter.listBytes(sends)
                + FieldWriter.listBytes(settles);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        branch.writeTo(dst);
        FieldWriter.string(dst, principal);
        dst.putLong(preparedMillis);
        commit.writeTo(dst);
        term.writeTo(dst);
        FieldWriter.list(dst, sends);
        FieldWriter.list(dst, settles);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static HoldBranchRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new HoldBranchRequest(
                BranchId.read(in),
                in.string(),
                in.int64(),
                CommitId.read(in),
                CommitTerm.read(in),
                in.list(SendEntry.BYTES_MIN, SendEntry::read),
                in.list(CommitSettle.BYTES_MIN, CommitSettle::read)));
    }
}
