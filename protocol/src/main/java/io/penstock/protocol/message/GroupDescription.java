package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** The counts of a queue or subscription over all its partitions. */
public record GroupDescription(String groupId, long waiting, long acquired, long settledTotal, int consumers)
        implements PrivateMessage {

    static final int BYTES_MIN = 30;

    /** The same group on other partitions beside. A consumer is on all of them. */
    public GroupDescription plus(GroupDescription other) {
        return new GroupDescription(
                groupId,
                waiting + other.waiting,
                acquired + other.acquired,
                settledTotal + other.settledTotal,
                Math.max(consumers, other.consumers));
    }

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(groupId) + Long.BYTES + Long.BYTES + Long.BYTES + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, groupId);
        dst.putLong(waiting);
        dst.putLong(acquired);
        dst.putLong(settledTotal);
        dst.putInt(consumers);
    }

    static GroupDescription read(FieldReader in) {
        return new GroupDescription(in.string(), in.int64(), in.int64(), in.int64(), in.int32());
    }
}
