package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** A consumer is gone. */
public record ConsumerErrorPush(int consumerId, PenstockError error, String message) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES + Short.BYTES + FieldWriter.stringBytes(message);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(consumerId);
        dst.putShort(error.code());
        FieldWriter.string(dst, message);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ConsumerErrorPush read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ConsumerErrorPush(in.int32(), PenstockError.of(in.int16()), in.string()));
    }
}
