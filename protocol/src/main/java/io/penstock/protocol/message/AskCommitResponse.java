package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * What the home knows of a commit.
 *
 * @param term of the home that answers: {@link Outcome#NEVER} is said of attempts of this term and older ones
 */
public record AskCommitResponse(Outcome outcome, CommitTerm term) implements PrivateMessage {

    /** How it stands. */
    public enum Outcome {
        /** Being decided: to be asked again. */
        OPEN,
        /** Decided: the home carries it out. */
        DECIDED,
        /** Not decided, and never will be. */
        NEVER
    }

    @Override
    public int sizeBytes() {
        return Byte.BYTES + term.sizeBytes();
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.put((byte) outcome.ordinal());
        term.writeTo(dst);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static AskCommitResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        int code = in.int8();
        if (code < 0 || code >= Outcome.values().length) {
            throw new MalformedMessageException("outcome " + code + " of a commit");
        }
        return in.last(new AskCommitResponse(Outcome.values()[code], CommitTerm.read(in)));
    }
}
