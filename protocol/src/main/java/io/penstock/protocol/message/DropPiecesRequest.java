package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/** Says that no head will follow the pieces of a message that this session has sent: retention may have them. */
public record DropPiecesRequest(int sessionId, UUID topicId, int partition, UUID message) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES + 2 * Long.BYTES + Integer.BYTES + 2 * Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition);
        FieldWriter.uuid(dst, message);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DropPiecesRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new DropPiecesRequest(in.int32(), in.uuid(), in.int32(), in.uuid()));
    }
}
