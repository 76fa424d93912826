package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** Ends a consumer and gives back what it never handed out. */
public record DetachRequest(int sessionId, int consumerId, List<PartitionRanges> release) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES + Integer.BYTES + FieldWriter.listBytes(release);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        dst.putInt(consumerId);
        FieldWriter.list(dst, release);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DetachRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(
                new DetachRequest(in.int32(), in.int32(), in.list(PartitionRanges.BYTES_MIN, PartitionRanges::read)));
    }
}
