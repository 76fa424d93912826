package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A follower asks a leader for everything new of the partitions of their session; a request names only those whose
 * position has changed. A second request lets the leader answer the first one at once.
 *
 * @param sessionId 0 begins a new session, of all partitions that are named
 * @param sequence 0 in a session's first request, then one more each time
 * @param waitMillis how long the answer may wait for something new
 */
public record ReplicaFetchRequest(
        int brokerId,
        long brokerEpoch,
        long sessionId,
        int sequence,
        int waitMillis,
        int maxBytes,
        List<ReplicaPosition> changed,
        List<ReplicaPartition> removed)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return 4 * Integer.BYTES + 2 * Long.BYTES + FieldWriter.listBytes(changed) + FieldWriter.listBytes(removed);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(brokerId).putLong(brokerEpoch).putLong(sessionId).putInt(sequence);
        dst.putInt(waitMillis).putInt(maxBytes);
        FieldWriter.list(dst, changed);
        FieldWriter.list(dst, removed);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ReplicaFetchRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ReplicaFetchRequest(
                in.int32(),
                in.int64(),
                in.int64(),
                in.int32(),
                in.int32(),
                in.int32(),
                in.list(ReplicaPosition.BYTES, ReplicaPosition::read),
                in.list(ReplicaPartition.BYTES, ReplicaPartition::read)));
    }
}
