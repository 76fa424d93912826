package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/** A partition that a follower does not fetch any more. */
public record ReplicaPartition(UUID topicId, int partition) implements PrivateMessage {
    static final int BYTES = FieldWriter.UUID_BYTES + Integer.BYTES;

    @Override
    public int sizeBytes() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition);
    }

    static ReplicaPartition read(FieldReader in) {
        return new ReplicaPartition(in.uuid(), in.int32());
    }
}
