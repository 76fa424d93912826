package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Tells a leader that a commit is off: the home has said that it never will be decided.
 *
 * @param term attempts of this term and older ones are meant
 * @param settles what was put in doubt
 */
public record UndoCommitRequest(CommitId commit, CommitTerm term, List<CommitSettle> settles)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return commit.sizeBytes() + term.sizeBytes() + FieldWriter.listBytes(settles);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        commit.writeTo(dst);
        term.writeTo(dst);
        FieldWriter.list(dst, settles);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static UndoCommitRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new UndoCommitRequest(
                CommitId.read(in), CommitTerm.read(in), in.list(CommitSettle.BYTES_MIN, CommitSettle::read)));
    }
}
