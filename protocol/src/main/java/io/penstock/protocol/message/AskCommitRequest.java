package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * Asks the home how a commit has ended. One that is not decided, nor being decided, never will be from then on.
 */
public record AskCommitRequest(CommitId commit) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return commit.sizeBytes();
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        commit.writeTo(dst);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static AskCommitRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new AskCommitRequest(CommitId.read(in)));
    }
}
