package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/** The subscription's group, and which making of it this is. */
public record SubscribeResponse(UUID topicId, String groupId, long incarnation) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.UUID_BYTES + FieldWriter.stringBytes(groupId) + Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.uuid(dst, topicId);
        FieldWriter.string(dst, groupId);
        dst.putLong(incarnation);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static SubscribeResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new SubscribeResponse(in.uuid(), in.string(), in.int64()));
    }
}
