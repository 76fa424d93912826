package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Adds credit to a consumer; {@code drainId} is 0 unless a Drained push is wanted. One-way. */
public record CreditRequest(int consumerId, int messages, int bytes, int drainId) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES + Integer.BYTES + Integer.BYTES + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(consumerId);
        dst.putInt(messages);
        dst.putInt(bytes);
        dst.putInt(drainId);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static CreditRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new CreditRequest(in.int32(), in.int32(), in.int32(), in.int32()));
    }
}
