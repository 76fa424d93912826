package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** Ranges of one partition. */
public record PartitionRanges(int partition, List<OffsetRange> ranges) implements PrivateMessage {

    static final int BYTES_MIN = 8;

    @Override
    public int sizeBytes() {
        return Integer.BYTES + FieldWriter.listBytes(ranges);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(partition);
        FieldWriter.list(dst, ranges);
    }

    static PartitionRanges read(FieldReader in) {
        return new PartitionRanges(in.int32(), in.list(OffsetRange.BYTES_MIN, OffsetRange::read));
    }
}
