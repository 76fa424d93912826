package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** The bytes of the body in the piece that was asked for. */
public record ReadPieceResponse(ByteBuffer body) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.bytesBytes(body);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.bytes(dst, body);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ReadPieceResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ReadPieceResponse(in.bytes()));
    }
}
