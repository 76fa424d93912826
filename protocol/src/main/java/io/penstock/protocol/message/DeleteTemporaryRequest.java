package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Ends a temporary destination of this connection, which must not have consumers. */
public record DeleteTemporaryRequest(String name) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(name);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, name);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DeleteTemporaryRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new DeleteTemporaryRequest(in.string()));
    }
}
