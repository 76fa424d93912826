package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * What stands before the body of a response; there is no body unless {@code error} is {@link PenstockError#NONE}.
 *
 * <pre>
 * int32 correlationId | int16 error | nullable string message
 * </pre>
 */
public record PrivateResponseHeader(int correlationId, PenstockError error, String message) implements PrivateMessage {
    private static final int MESSAGE_CHARS_MAX = 1000;

    /** A longer message is cut. */
    public PrivateResponseHeader {
        message = message == null || message.length() <= MESSAGE_CHARS_MAX
                ? message
                : message.substring(0, MESSAGE_CHARS_MAX);
    }

    public static PrivateResponseHeader success(int correlationId) {
        return new PrivateResponseHeader(correlationId, PenstockError.NONE, null);
    }

    @Override
    public int sizeBytes() {
        return Integer.BYTES + Short.BYTES + FieldWriter.stringBytes(message);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(correlationId).putShort(error.code());
        FieldWriter.nullableString(dst, message);
    }

    /** Leaves the buffer at the body. For frames that are no push ({@link PushHeader#isPush}). */
    public static PrivateResponseHeader read(ByteBuffer src) {
        FieldReader in = new FieldReader(src);
        int correlationId = in.int32();
        if (correlationId < 0) {
            throw new MalformedMessageException("correlation id is " + correlationId);
        }
        return new PrivateResponseHeader(correlationId, PenstockError.of(in.int16()), in.nullableString());
    }
}
