package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The home has a leader carry out parts of a decided commit; what was done before counts as done. The reply is a
 * {@link CommitResponse}.
 */
public record ApplyCommitRequest(CommitId commit, List<SendEntry> sends, List<CommitSettle> settles)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return commit.sizeBytes() + FieldWriter.listBytes(sends) + FieldWriter.listBytes(settles);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        commit.writeTo(dst);
        FieldWriter.list(dst, sends);
        FieldWriter.list(dst, settles);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ApplyCommitRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ApplyCommitRequest(
                CommitId.read(in),
                in.list(SendEntry.BYTES_MIN, SendEntry::read),
                in.list(CommitSettle.BYTES_MIN, CommitSettle::read)));
    }
}
