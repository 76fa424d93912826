package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The controller tells a broker what it has written to ZooKeeper.
 *
 * @param controllerEpoch an older one than the broker knows is refused
 * @param brokerEpoch of the broker that is told: another life of it refuses
 */
public record UpdatePartitionsRequest(
        int controllerId, int controllerEpoch, long brokerEpoch, List<PartitionState> partitions)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return 2 * Integer.BYTES + Long.BYTES + FieldWriter.listBytes(partitions);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(controllerId).putInt(controllerEpoch).putLong(brokerEpoch);
        FieldWriter.list(dst, partitions);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static UpdatePartitionsRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new UpdatePartitionsRequest(
                in.int32(), in.int32(), in.int64(), in.list(PartitionState.BYTES_MIN, PartitionState::read)));
    }
}
