package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Makes a temporary destination of this connection, under a name that the client has chosen; again: nothing happens. */
public record CreateTemporaryRequest(String name, DestinationKind kind) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(name) + Byte.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, name);
        dst.put(kind.code());
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static CreateTemporaryRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new CreateTemporaryRequest(in.string(), DestinationKind.of(in.int8())));
    }
}
