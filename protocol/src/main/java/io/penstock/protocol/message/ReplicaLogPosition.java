package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * How far a follower's log goes, all of it safe as the log's flush policy asks.
 *
 * @param lastEpoch leader epoch of the record before {@code offset}; -1 where the log has none
 */
public record ReplicaLogPosition(long offset, int lastEpoch) {
    static final int BYTES = 12;

    void writeTo(ByteBuffer dst) {
        dst.putLong(offset).putInt(lastEpoch);
    }

    static ReplicaLogPosition read(FieldReader in) {
        return new ReplicaLogPosition(in.int64(), in.int32());
    }
}
