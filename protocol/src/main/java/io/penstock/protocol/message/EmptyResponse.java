package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** The answer to a request that has nothing to tell but its success. */
public record EmptyResponse() implements PrivateMessage {

    public static final EmptyResponse INSTANCE = new EmptyResponse();

    @Override
    public int sizeBytes() {
        return 0;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        // Nothing to write.
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static EmptyResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new EmptyResponse());
    }
}
