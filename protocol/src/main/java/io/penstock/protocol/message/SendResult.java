package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** What became of a {@link SendEntry}; {@code appendTimeMillis} is -1 unless the topic stamps its own time. */
public record SendResult(PenstockError error, String message, long baseOffset, long appendTimeMillis)
        implements PrivateMessage {

    static final int BYTES_MIN = 20;

    @Override
    public int sizeBytes() {
        return Short.BYTES + FieldWriter.stringBytes(message) + Long.BYTES + Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putShort(error.code());
        FieldWriter.nullableString(dst, message);
        dst.putLong(baseOffset);
        dst.putLong(appendTimeMillis);
    }

    static SendResult read(FieldReader in) {
        return new SendResult(PenstockError.of(in.int16()), in.nullableString(), in.int64(), in.int64());
    }
}
