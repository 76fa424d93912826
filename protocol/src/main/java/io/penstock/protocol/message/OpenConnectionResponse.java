package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * The session token, its lease, and a first block of producer ids.
 *
 * @param maxBodyBytes of a large message
 */
public record OpenConnectionResponse(
        int brokerId,
        String token,
        int leaseMillis,
        int maxFrameBytes,
        long firstProducerId,
        int producerIds,
        int maxBodyBytes)
        implements PrivateMessage {

    /** Without the token, which must not reach a log. */
    @Override
    public String toString() {
        return "OpenConnectionResponse[brokerId=" + brokerId + ", leaseMillis=" + leaseMillis + "]";
    }

    @Override
    public int sizeBytes() {
        return Integer.BYTES
                + FieldWriter.stringBytes(token)
                + Integer.BYTES
                + Integer.BYTES
                + Long.BYTES
                + Integer.BYTES
                + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(brokerId);
        FieldWriter.string(dst, token);
        dst.putInt(leaseMillis);
        dst.putInt(maxFrameBytes);
        dst.putLong(firstProducerId);
        dst.putInt(producerIds);
        dst.putInt(maxBodyBytes);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static OpenConnectionResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new OpenConnectionResponse(
                in.int32(), in.string(), in.int32(), in.int32(), in.int64(), in.int32(), in.int32()));
    }
}
