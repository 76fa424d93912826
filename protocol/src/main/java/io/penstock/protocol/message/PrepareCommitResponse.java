package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * A leader agrees.
 *
 * @param done a part of the commit is carried out here already: it was decided before
 */
public record PrepareCommitResponse(boolean done) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.BOOLEAN_BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.bool(dst, done);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static PrepareCommitResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new PrepareCommitResponse(in.bool()));
    }
}
