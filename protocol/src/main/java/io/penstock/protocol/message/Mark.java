package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** These messages have been handed to the application, with the delivery count that they were pushed with. */
public record Mark(int consumerId, int partition, List<OffsetRange> ranges) implements PrivateMessage {

    static final int BYTES_MIN = 12;

    @Override
    public int sizeBytes() {
        return Integer.BYTES + Integer.BYTES + FieldWriter.listBytes(ranges);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(consumerId);
        dst.putInt(partition);
        FieldWriter.list(dst, ranges);
    }

    static Mark read(FieldReader in) {
        return new Mark(in.int32(), in.int32(), in.list(OffsetRange.BYTES_MIN, OffsetRange::read));
    }
}
