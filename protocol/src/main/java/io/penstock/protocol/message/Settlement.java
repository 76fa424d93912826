package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** What is to become of messages that a consumer holds; implies their {@link Mark}. */
public record Settlement(int consumerId, int partition, Disposition disposition, List<OffsetRange> ranges)
        implements PrivateMessage {

    static final int BYTES_MIN = 13;

    @Override
    public int sizeBytes() {
        return Integer.BYTES + Integer.BYTES + Byte.BYTES + FieldWriter.listBytes(ranges);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(consumerId);
        dst.putInt(partition);
        dst.put(disposition.code());
        FieldWriter.list(dst, ranges);
    }

    static Settlement read(FieldReader in) {
        return new Settlement(
                in.int32(), in.int32(), Disposition.of(in.int8()), in.list(OffsetRange.BYTES_MIN, OffsetRange::read));
    }
}
