package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** All that was there, up to the credit, has been pushed. */
public record DrainedPush(int consumerId, int drainId) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(consumerId);
        dst.putInt(drainId);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DrainedPush read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new DrainedPush(in.int32(), in.int32()));
    }
}
