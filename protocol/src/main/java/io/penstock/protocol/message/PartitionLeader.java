package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Which broker leads a partition; {@code leaderId} is -1 when none does. */
public record PartitionLeader(int index, int leaderId, int leaderEpoch) implements PrivateMessage {

    static final int BYTES_MIN = 12;

    @Override
    public int sizeBytes() {
        return Integer.BYTES + Integer.BYTES + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(index);
        dst.putInt(leaderId);
        dst.putInt(leaderEpoch);
    }

    static PartitionLeader read(FieldReader in) {
        return new PartitionLeader(in.int32(), in.int32(), in.int32());
    }
}
