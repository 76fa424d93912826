package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** A destination and its groups. */
public record DestinationDescription(String name, DestinationKind kind, int partitions, List<GroupDescription> groups)
        implements PrivateMessage {

    static final int BYTES_MIN = 11;

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(name) + Byte.BYTES + Integer.BYTES + FieldWriter.listBytes(groups);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, name);
        dst.put(kind.code());
        dst.putInt(partitions);
        FieldWriter.list(dst, groups);
    }

    static DestinationDescription read(FieldReader in) {
        return new DestinationDescription(
                in.string(),
                DestinationKind.of(in.int8()),
                in.int32(),
                in.list(GroupDescription.BYTES_MIN, GroupDescription::read));
    }
}
