package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** The coordinator of Kafka's transactions ends some in partitions that another broker leads. */
public record WriteMarkersRequest(List<Marker> markers) implements PrivateMessage {

    /**
     * The end of a producer's transaction in a partition.
     *
     * @param transactionVersion with 2 the epoch is newer than the transaction's
     */
    public record Marker(
            UUID topicId,
            int partition,
            long producerId,
            short producerEpoch,
            int coordinatorEpoch,
            boolean commit,
            byte transactionVersion)
            implements PrivateMessage {
        static final int BYTES = FieldWriter.UUID_BYTES
                + 2 * Integer.BYTES
                + Long.BYTES
                + Short.BYTES
                + FieldWriter.BOOLEAN_BYTES
                + Byte.BYTES;

        @Override
        public int sizeBytes() {
            return BYTES;
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            FieldWriter.uuid(dst, topicId);
            dst.putInt(partition).putLong(producerId).putShort(producerEpoch).putInt(coordinatorEpoch);
            FieldWriter.bool(dst, commit);
            dst.put(transactionVersion);
        }

        static Marker read(FieldReader in) {
            return new Marker(in.uuid(), in.int32(), in.int64(), in.int16(), in.int32(), in.bool(), in.int8());
        }
    }

    @Override
    public int sizeBytes() {
        return FieldWriter.listBytes(markers);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.list(dst, markers);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static WriteMarkersRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new WriteMarkersRequest(in.list(Marker.BYTES, Marker::read)));
    }
}
