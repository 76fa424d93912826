package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Renews the lease. */
public record PingRequest() implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return 0;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        // Nothing to write.
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static PingRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new PingRequest());
    }
}
