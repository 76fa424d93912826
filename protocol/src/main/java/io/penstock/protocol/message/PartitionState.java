package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/**
 * The state of a partition as it lies in ZooKeeper.
 *
 * @param version of its znode
 * @param zxid of the change that made this version; 0 when unknown
 * @param stamps broker epochs of members of {@code isr} and {@code eligible}
 * @param adding replicas that a move under way adds
 * @param removing replicas that it will remove
 */
public record PartitionState(
        String topic,
        UUID topicId,
        int index,
        int leader,
        int leaderEpoch,
        List<Integer> replicas,
        List<Integer> isr,
        List<Integer> eligible,
        int version,
        long zxid,
        List<Stamp> stamps,
        List<Integer> adding,
        List<Integer> removing)
        implements PrivateMessage {
    static final int BYTES_MIN = Short.BYTES + FieldWriter.UUID_BYTES + 10 * Integer.BYTES + Long.BYTES;

    /** The broker epoch in which a replica was last known to hold everything committed. */
    public record Stamp(int broker, long epoch) implements PrivateMessage {
        static final int BYTES = Integer.BYTES + Long.BYTES;

        @Override
        public int sizeBytes() {
            return BYTES;
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            dst.putInt(broker).putLong(epoch);
        }

        static Stamp read(FieldReader in) {
            return new Stamp(in.int32(), in.int64());
        }
    }

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(topic)
                + FieldWriter.UUID_BYTES
                + 4 * Integer.BYTES
                + Long.BYTES
                + FieldWriter.int32sBytes(replicas)
                + FieldWriter.int32sBytes(isr)
                + FieldWriter.int32sBytes(eligible)
                + FieldWriter.listBytes(stamps)
                + FieldWriter.int32sBytes(adding)
                + FieldWriter.int32sBytes(removing);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, topic);
        FieldWriter.uuid(dst, topicId);
        dst.putInt(index).putInt(leader).putInt(leaderEpoch);
        FieldWriter.int32s(dst, replicas);
        FieldWriter.int32s(dst, isr);
        FieldWriter.int32s(dst, eligible);
        dst.putInt(version).putLong(zxid);
        FieldWriter.list(dst, stamps);
        FieldWriter.int32s(dst, adding);
        FieldWriter.int32s(dst, removing);
    }

    static PartitionState read(FieldReader in) {
        return new PartitionState(
                in.string(),
                in.uuid(),
                in.int32(),
                in.int32(),
                in.int32(),
                in.int32s(),
                in.int32s(),
                in.int32s(),
                in.int32(),
                in.int64(),
                in.list(Stamp.BYTES, Stamp::read),
                in.int32s(),
                in.int32s());
    }
}
