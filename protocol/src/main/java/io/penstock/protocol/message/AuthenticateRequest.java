package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * One step of a login.
 *
 * @param mechanism as SASL calls it; the same in each step
 * @param token of the mechanism; a slice of what was read
 */
public record AuthenticateRequest(String mechanism, ByteBuffer token) implements PrivateMessage {

    /** Without the token, which must not reach a log. */
    @Override
    public String toString() {
        return "AuthenticateRequest[mechanism=" + mechanism + "]";
    }

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(mechanism) + FieldWriter.bytesBytes(token);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, mechanism);
        FieldWriter.bytes(dst, token);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static AuthenticateRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new AuthenticateRequest(in.string(), in.bytes()));
    }
}
