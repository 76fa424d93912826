package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/**
 * A broker that is sent records of a Kafka transaction asks the transaction's coordinator to add their partitions, or
 * whether they are in it.
 *
 * @param verifyOnly adds nothing
 * @param transactionVersion of the protocol that the client speaks
 */
public record EnrolRequest(
        String transactionalId,
        long producerId,
        short producerEpoch,
        boolean verifyOnly,
        byte transactionVersion,
        List<Place> partitions)
        implements PrivateMessage {

    /** A partition of a topic. */
    public record Place(UUID topicId, String topic, int partition) implements PrivateMessage {
        static final int BYTES_MIN = FieldWriter.UUID_BYTES + Short.BYTES + Integer.BYTES;

        @Override
        public int sizeBytes() {
            return FieldWriter.UUID_BYTES + FieldWriter.stringBytes(topic) + Integer.BYTES;
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            FieldWriter.uuid(dst, topicId);
            FieldWriter.string(dst, topic);
            dst.putInt(partition);
        }

        static Place read(FieldReader in) {
            return new Place(in.uuid(), in.string(), in.int32());
        }
    }

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(transactionalId)
                + Long.BYTES
                + Short.BYTES
                + FieldWriter.BOOLEAN_BYTES
                + Byte.BYTES
                + FieldWriter.listBytes(partitions);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, transactionalId);
        dst.putLong(producerId).putShort(producerEpoch);
        FieldWriter.bool(dst, verifyOnly);
        dst.put(transactionVersion);
        FieldWriter.list(dst, partitions);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static EnrolRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new EnrolRequest(
                in.string(), in.int64(), in.int16(), in.bool(), in.int8(), in.list(Place.BYTES_MIN, Place::read)));
    }
}
