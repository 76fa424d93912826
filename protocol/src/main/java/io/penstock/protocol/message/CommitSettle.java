package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** What a commit accepts of one group on one partition. */
public record CommitSettle(UUID topicId, int partition, String groupId, long incarnation, List<OffsetRange> ranges)
        implements PrivateMessage {
    static final int BYTES_MIN = FieldWriter.UUID_BYTES + Integer.BYTES + Short.BYTES + Long.BYTES + Integer.BYTES;

    @Override
    public int sizeBytes() {
        return FieldWriter.UUID_BYTES
                + Integer.BYTES
                + FieldWriter.stringBytes(groupId)
                + Long.BYTES
                + FieldWriter.listBytes(ranges);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition);
        FieldWriter.string(dst, groupId);
        dst.putLong(incarnation);
        FieldWriter.list(dst, ranges);
    }

    static CommitSettle read(FieldReader in) {
        return new CommitSettle(
                in.uuid(), in.int32(), in.string(), in.int64(), in.list(OffsetRange.BYTES_MIN, OffsetRange::read));
    }
}
