package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * What stands before the body of a push.
 *
 * <pre>
 * int32 -1 | int16 kind | int16 version
 * </pre>
 */
public record PushHeader(PushKind kind, short version) implements PrivateMessage {
    public static final int BYTES = Integer.BYTES + 2 * Short.BYTES;

    private static final int NO_CORRELATION = -1;

    /** Whether the frame at the buffer's position is a push and not a response. */
    public static boolean isPush(ByteBuffer frame) {
        return frame.remaining() >= Integer.BYTES && frame.getInt(frame.position()) == NO_CORRELATION;
    }

    @Override
    public int sizeBytes() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(NO_CORRELATION).putShort(kind.code()).putShort(version);
    }

    /** Leaves the buffer at the body. */
    public static PushHeader read(ByteBuffer src) {
        FieldReader in = new FieldReader(src);
        int correlationId = in.int32();
        if (correlationId != NO_CORRELATION) {
            throw new MalformedMessageException("a push with correlation id " + correlationId);
        }
        return new PushHeader(PushKind.of(in.int16()), in.int16());
    }
}
