package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Makes or finds a durable or shared subscription. */
public record SubscribeRequest(
        String name,
        String clientId,
        String topicName,
        String selector,
        boolean noLocal,
        boolean shared,
        boolean durable)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(name)
                + FieldWriter.stringBytes(clientId)
                + FieldWriter.stringBytes(topicName)
                + FieldWriter.stringBytes(selector)
                + FieldWriter.BOOLEAN_BYTES
                + FieldWriter.BOOLEAN_BYTES
                + FieldWriter.BOOLEAN_BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, name);
        FieldWriter.nullableString(dst, clientId);
        FieldWriter.string(dst, topicName);
        FieldWriter.nullableString(dst, selector);
        FieldWriter.bool(dst, noLocal);
        FieldWriter.bool(dst, shared);
        FieldWriter.bool(dst, durable);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static SubscribeRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new SubscribeRequest(
                in.string(), in.nullableString(), in.string(), in.nullableString(), in.bool(), in.bool(), in.bool()));
    }
}
