package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** @param relay names it in what follows, at the broker that answers */
public record RelayOpenResponse(long relay) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(relay);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static RelayOpenResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new RelayOpenResponse(in.int64()));
    }
}
