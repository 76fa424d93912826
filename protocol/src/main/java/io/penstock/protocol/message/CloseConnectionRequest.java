package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Ends the connection and its sessions; nothing is resumed after it. */
public record CloseConnectionRequest() implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return 0;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        // Nothing to write.
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static CloseConnectionRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new CloseConnectionRequest());
    }
}
