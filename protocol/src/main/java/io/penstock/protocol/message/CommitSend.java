package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A batch that a commit is going to send, without its records: what the partition's leader must agree to beforehand.
 *
 * @param head the batch itself when it is the head of a large message, whose pieces must be there; else empty
 */
public record CommitSend(
        UUID topicId,
        int partition,
        long producerId,
        short producerEpoch,
        int baseSequence,
        int lastSequence,
        int size,
        ByteBuffer head)
        implements PrivateMessage {
    static final int BYTES_MIN = FieldWriter.UUID_BYTES + 5 * Integer.BYTES + Long.BYTES + Short.BYTES;

    @Override
    public int sizeBytes() {
        return BYTES_MIN + head.remaining();
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.uuid(dst, topicId);
        dst.putInt(partition).putLong(producerId).putShort(producerEpoch);
        dst.putInt(baseSequence).putInt(lastSequence).putInt(size);
        FieldWriter.bytes(dst, head);
    }

    static CommitSend read(FieldReader in) {
        return new CommitSend(
                in.uuid(), in.int32(), in.int64(), in.int16(), in.int32(), in.int32(), in.int32(), in.bytes());
    }
}
