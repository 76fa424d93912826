package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** A destination's id, partitions and their leaders. */
public record ResolveResponse(
        UUID topicId, DestinationKind kind, List<PartitionLeader> partitions, List<BrokerAddress> brokers)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.UUID_BYTES + Byte.BYTES + FieldWriter.listBytes(partitions) + FieldWriter.listBytes(brokers);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.uuid(dst, topicId);
        dst.put(kind.code());
        FieldWriter.list(dst, partitions);
        FieldWriter.list(dst, brokers);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ResolveResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ResolveResponse(
                in.uuid(),
                DestinationKind.of(in.int8()),
                in.list(PartitionLeader.BYTES_MIN, PartitionLeader::read),
                in.list(BrokerAddress.BYTES_MIN, BrokerAddress::read)));
    }
}
