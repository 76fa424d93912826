package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/** One record batch for one partition. */
public record SendEntry(UUID topicId, int partition, ByteBuffer batch) implements PrivateMessage {

    static final int BYTES_MIN = 24;

    @Override
    public int sizeBytes() {
        return FieldWriter.UUID_BYTES + Integer.BYTES + FieldWriter.bytesBytes(batch);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition);
        FieldWriter.bytes(dst, batch);
    }

    static SendEntry read(FieldReader in) {
        return new SendEntry(in.uuid(), in.int32(), in.bytes());
    }
}
