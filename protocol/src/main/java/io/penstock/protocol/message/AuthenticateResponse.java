package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * The server's part of one step of a login.
 *
 * @param complete the client is who it said
 * @param token of the mechanism; a slice of what was read
 */
public record AuthenticateResponse(boolean complete, ByteBuffer token) implements PrivateMessage {

    /** Without the token, which must not reach a log. */
    @Override
    public String toString() {
        return "AuthenticateResponse[complete=" + complete + "]";
    }

    @Override
    public int sizeBytes() {
        return FieldWriter.BOOLEAN_BYTES + FieldWriter.bytesBytes(token);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.bool(dst, complete);
        FieldWriter.bytes(dst, token);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static AuthenticateResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new AuthenticateResponse(in.bool(), in.bytes()));
    }
}
