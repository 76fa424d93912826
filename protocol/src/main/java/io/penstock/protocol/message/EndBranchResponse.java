package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** What has become of a branch that was to end. */
public record EndBranchResponse(Outcome outcome) implements PrivateMessage {

    /** How it stands. */
    public enum Outcome {
        /** It has ended as asked, now or before. */
        DONE,
        /** Nothing is known of it: never prepared, or ended and forgotten. */
        UNKNOWN,
        /** An operator has committed it; known until it is forgotten. */
        COMMITTED_BY_HAND,
        /** An operator has rolled it back; known until it is forgotten. */
        ROLLED_BACK_BY_HAND,
        /** It ends, or has ended, the other way, or is not to be forgotten yet; nothing was done. */
        REFUSED
    }

    @Override
    public int sizeBytes() {
        return Byte.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.put((byte) outcome.ordinal());
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static EndBranchResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        int code = in.int8();
        if (code < 0 || code >= Outcome.values().length) {
            throw new MalformedMessageException("outcome " + code + " of a branch");
        }
        return in.last(new EndBranchResponse(Outcome.values()[code]));
    }
}
