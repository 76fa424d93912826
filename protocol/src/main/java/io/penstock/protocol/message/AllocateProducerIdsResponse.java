package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** A block of producer ids that nobody else has. */
public record AllocateProducerIdsResponse(long firstProducerId, int count) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Long.BYTES + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(firstProducerId);
        dst.putInt(count);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static AllocateProducerIdsResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new AllocateProducerIdsResponse(in.int64(), in.int32()));
    }
}
