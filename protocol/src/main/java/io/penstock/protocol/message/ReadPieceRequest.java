package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/** Asks for a piece of a large message's body, at the offset that the message's head names. */
public record ReadPieceRequest(UUID topicId, int partition, UUID message, int index, long offset)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return 2 * Long.BYTES + Integer.BYTES + 2 * Long.BYTES + Integer.BYTES + Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition);
        FieldWriter.uuid(dst, message);
        dst.putInt(index);
        dst.putLong(offset);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ReadPieceRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ReadPieceRequest(in.uuid(), in.int32(), in.uuid(), in.int32(), in.int64()));
    }
}
