package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Where the piece lies. */
public record SendPieceResponse(long offset) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(offset);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static SendPieceResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new SendPieceResponse(in.int64()));
    }
}
