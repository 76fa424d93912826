package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * The broker's socket file. The ports are those of the TCP connection that asked, as the broker sees them: where they are
 * not those that the client sees, something lies between the two.
 *
 * @param path null when there is none for this client
 * @param brokerPort of the broker's end
 * @param clientPort of the client's end
 */
public record LocalSocketResponse(String path, int brokerPort, int clientPort) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(path) + Integer.BYTES + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.nullableString(dst, path);
        dst.putInt(brokerPort);
        dst.putInt(clientPort);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static LocalSocketResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new LocalSocketResponse(in.nullableString(), in.int32(), in.int32()));
    }
}
