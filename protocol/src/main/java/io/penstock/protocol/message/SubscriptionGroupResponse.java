package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** @param held messages that consumers of the group hold; 0 where that was not asked */
public record SubscriptionGroupResponse(long held) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(held);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static SubscriptionGroupResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new SubscriptionGroupResponse(in.int64()));
    }
}
