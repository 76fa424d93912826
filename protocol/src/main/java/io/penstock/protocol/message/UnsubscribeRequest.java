package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Removes a durable subscription. */
public record UnsubscribeRequest(String name, String clientId) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(name) + FieldWriter.stringBytes(clientId);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, name);
        FieldWriter.nullableString(dst, clientId);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static UnsubscribeRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new UnsubscribeRequest(in.string(), in.nullableString()));
    }
}
