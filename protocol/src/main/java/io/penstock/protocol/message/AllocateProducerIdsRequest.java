package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Asks for more producer ids. */
public record AllocateProducerIdsRequest(int count) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(count);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static AllocateProducerIdsRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new AllocateProducerIdsRequest(in.int32()));
    }
}
