package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Asks a leader whether it will carry out its part of a commit, and to keep what is settled in doubt until the home says
 * how it has ended.
 *
 * @param term of the home: in any other it does not decide this attempt
 */
public record PrepareCommitRequest(CommitId commit, CommitTerm term, List<CommitSend> sends, List<CommitSettle> settles)
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
    public static PrepareCommitRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new PrepareCommitRequest(
                CommitId.read(in),
                CommitTerm.read(in),
                in.list(CommitSend.BYTES_MIN, CommitSend::read),
                in.list(CommitSettle.BYTES_MIN, CommitSettle::read)));
    }
}
