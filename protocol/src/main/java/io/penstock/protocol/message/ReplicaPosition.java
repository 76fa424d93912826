package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A partition that a follower fetches, with how far its logs go.
 *
 * @param leaderEpoch the epoch of which the follower takes the broker that is asked for the leader
 * @param ledger at offset 0 while the follower has no ledger
 */
public record ReplicaPosition(
        UUID topicId, int partition, int leaderEpoch, ReplicaLogPosition records, ReplicaLogPosition ledger)
        implements PrivateMessage {
    static final int BYTES = FieldWriter.UUID_BYTES + 2 * Integer.BYTES + 2 * ReplicaLogPosition.BYTES;

    @Override
    public int sizeBytes() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition).putInt(leaderEpoch);
        records.writeTo(dst);
        ledger.writeTo(dst);
    }

    static ReplicaPosition read(FieldReader in) {
        return new ReplicaPosition(
                in.uuid(), in.int32(), in.int32(), ReplicaLogPosition.read(in), ReplicaLogPosition.read(in));
    }
}
