package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** Settles messages outside of a transaction; idempotent by (token, session, sequence). */
public record SettleRequest(
        int sessionId, long sequence, boolean wantReply, List<Mark> marks, List<Settlement> settlements)
        implements PrivateMessage {
    private static final int WANT_REPLY_AT = Integer.BYTES + Long.BYTES;

    /** Whether the request at the buffer's position wants a reply, without reading the rest; true of half a one. */
    public static boolean wantReply(ByteBuffer src) {
        return src.remaining() <= WANT_REPLY_AT || src.get(src.position() + WANT_REPLY_AT) != 0;
    }

    @Override
    public int sizeBytes() {
        return Integer.BYTES
                + Long.BYTES
                + FieldWriter.BOOLEAN_BYTES
                + FieldWriter.listBytes(marks)
                + FieldWriter.listBytes(settlements);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        dst.putLong(sequence);
        FieldWriter.bool(dst, wantReply);
        FieldWriter.list(dst, marks);
        FieldWriter.list(dst, settlements);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static SettleRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new SettleRequest(
                in.int32(),
                in.int64(),
                in.bool(),
                in.list(Mark.BYTES_MIN, Mark::read),
                in.list(Settlement.BYTES_MIN, Settlement::read)));
    }
}
