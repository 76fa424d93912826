package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** A local transaction, all or nothing; idempotent by (token, session, sequence). */
public record CommitRequest(
        int sessionId, long sequence, List<SendEntry> sends, List<Mark> marks, List<Settlement> settlements)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES
                + Long.BYTES
                + FieldWriter.listBytes(sends)
                + FieldWriter.listBytes(marks)
                + FieldWriter.listBytes(settlements);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        dst.putLong(sequence);
        FieldWriter.list(dst, sends);
        FieldWriter.list(dst, marks);
        FieldWriter.list(dst, settlements);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static CommitRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new CommitRequest(
                in.int32(),
                in.int64(),
                in.list(SendEntry.BYTES_MIN, SendEntry::read),
                in.list(Mark.BYTES_MIN, Mark::read),
                in.list(Settlement.BYTES_MIN, Settlement::read)));
    }
}
