package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** What is new of the partitions of a session; partitions without news are left out. */
public record ReplicaFetchResponse(long sessionId, List<ReplicaRow> rows) implements PrivateMessage {
    public static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

    @Override
    public int sizeBytes() {
        return Long.BYTES + FieldWriter.listBytes(rows);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        writeHeader(dst, sessionId, rows.size());
        rows.forEach(row -> row.writeTo(dst));
    }

    /** Writes all but the rows, which must follow. */
    public static void writeHeader(ByteBuffer dst, long sessionId, int rows) {
        dst.putLong(sessionId).putInt(rows);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ReplicaFetchResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ReplicaFetchResponse(in.int64(), in.list(ReplicaRow.BYTES_MIN, ReplicaRow::read)));
    }
}
