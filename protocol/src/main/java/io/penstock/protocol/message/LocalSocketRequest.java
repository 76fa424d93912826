package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Asks for the broker's socket file, by a client whose peer is on its own host. */
public record LocalSocketRequest() implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return 0;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        // Nothing to write.
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static LocalSocketRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new LocalSocketRequest());
    }
}
