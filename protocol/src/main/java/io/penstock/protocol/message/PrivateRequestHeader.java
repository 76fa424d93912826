package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * What stands before the body of a request; the frame's length does not belong to it.
 *
 * <pre>
 * int16 apiKey | int16 apiVersion | int32 correlationId | nullable string clientId
 * </pre>
 */
public record PrivateRequestHeader(short apiKey, short apiVersion, int correlationId, String clientId)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return 2 * Short.BYTES + Integer.BYTES + FieldWriter.stringBytes(clientId);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putShort(apiKey).putShort(apiVersion).putInt(correlationId);
        FieldWriter.nullableString(dst, clientId);
    }

    /** Leaves the buffer at the body. */
    public static PrivateRequestHeader read(ByteBuffer src) {
        FieldReader in = new FieldReader(src);
        short apiKey = in.int16();
        short apiVersion = in.int16();
        int correlationId = in.int32();
        if (correlationId < 0) {
            throw new MalformedMessageException("correlation id is " + correlationId);
        }
        return new PrivateRequestHeader(apiKey, apiVersion, correlationId, in.nullableString());
    }
}
