package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Gives the home a commit that every leader has agreed to: it writes the decision and carries it out. Asking again is
 * answered with what has become of it. The reply is a {@link CommitResponse}.
 */
public record DecideCommitRequest(CommitId commit, CommitTerm term, List<SendEntry> sends, List<CommitSettle> settles)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return commit.sizeBytes() + term.sizeBytes() + FieldWriter.listBytes(sends) + FieldWriter.listBytes(settles);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        commit.writeTo(dst);
        term.writeTo(dst);
        FieldWriter.list(dst, sends);
        FieldWriter.list(dst, settles);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DecideCommitRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new DecideCommitRequest(
                CommitId.read(in),
                CommitTerm.read(in),
                in.list(SendEntry.BYTES_MIN, SendEntry::read),
                in.list(CommitSettle.BYTES_MIN, CommitSettle::read)));
    }
}
