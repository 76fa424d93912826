package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * Opens a connection, or takes one up again with the token of its last time.
 *
 * @param attempt grows with each time that the client tries: a broker that stood still, or was cut off, may hear of an earlier
 *     one after a later one
 * @param user who the client was told to be; that it is, only a login before this proves
 */
public record OpenConnectionRequest(String clientId, String user, String resumeToken, int attempt)
        implements PrivateMessage {

    /** The first attempt. */
    public OpenConnectionRequest(String clientId, String user, String resumeToken) {
        this(clientId, user, resumeToken, 0);
    }

    /** Without the token, which must not reach a log. */
    @Override
    public String toString() {
        return "OpenConnectionRequest[clientId=" + clientId + ", user=" + user + "]";
    }

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(clientId)
                + FieldWriter.stringBytes(user)
                + FieldWriter.stringBytes(resumeToken)
                + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.nullableString(dst, clientId);
        FieldWriter.nullableString(dst, user);
        FieldWriter.nullableString(dst, resumeToken);
        dst.putInt(attempt);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static OpenConnectionRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(
                new OpenConnectionRequest(in.nullableString(), in.nullableString(), in.nullableString(), in.int32()));
    }
}
