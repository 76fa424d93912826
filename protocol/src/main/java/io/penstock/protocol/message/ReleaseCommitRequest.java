package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Tells a leader that a prepared branch is rolled back: what it kept in doubt goes back to everybody, counted as delivered,
 * and not to the session, which has no part in it any more. Idempotent; answered, with nothing, when that is durable.
 */
public record ReleaseCommitRequest(CommitId commit, List<CommitSettle> settles) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return commit.sizeBytes() + FieldWriter.listBytes(settles);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        commit.writeTo(dst);
        FieldWriter.list(dst, settles);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ReleaseCommitRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(
                new ReleaseCommitRequest(CommitId.read(in), in.list(CommitSettle.BYTES_MIN, CommitSettle::read)));
    }
}
