package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * A request of a client's connection, relayed to the broker that leads what it is about; the reply is that request's.
 *
 * @param relay names the relay at the broker that asks, of those that it has opened
 * @param body of the request with that key, in version 0
 */
public record RelayRequest(long relay, short apiKey, ByteBuffer body) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Long.BYTES + Short.BYTES + FieldWriter.bytesBytes(body);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(relay).putShort(apiKey);
        FieldWriter.bytes(dst, body);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static RelayRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new RelayRequest(in.int64(), in.int16(), in.bytes()));
    }
}
