package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * The broker that a client is connected to opens, or resumes, the client's connection at another broker.
 *
 * @param number of the connection: names its sessions in ledgers
 * @param principal whom the client's broker has authenticated
 * @param attempt with which the client came to its broker
 */
public record RelayOpenRequest(long number, String token, String clientId, String principal, int attempt)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Long.BYTES
                + FieldWriter.stringBytes(token)
                + FieldWriter.stringBytes(clientId)
                + FieldWriter.stringBytes(principal)
                + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(number);
        FieldWriter.string(dst, token);
        FieldWriter.nullableString(dst, clientId);
        FieldWriter.string(dst, principal);
        dst.putInt(attempt);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static RelayOpenRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new RelayOpenRequest(in.int64(), in.string(), in.nullableString(), in.string(), in.int32()));
    }
}
