package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Something went wrong that belongs to no consumer. */
public record ConnectionErrorPush(PenstockError error, String message) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Short.BYTES + FieldWriter.stringBytes(message);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putShort(error.code());
        FieldWriter.string(dst, message);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ConnectionErrorPush read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ConnectionErrorPush(PenstockError.of(in.int16()), in.string()));
    }
}
