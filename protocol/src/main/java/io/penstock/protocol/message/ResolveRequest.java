package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Finds a destination, and makes it when {@code create} says so; {@code partitions} is 0 for the default. */
public record ResolveRequest(String name, DestinationKind kind, boolean create, int partitions)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(name) + Byte.BYTES + FieldWriter.BOOLEAN_BYTES + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, name);
        dst.put(kind.code());
        FieldWriter.bool(dst, create);
        dst.putInt(partitions);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ResolveRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ResolveRequest(in.string(), DestinationKind.of(in.int8()), in.bool(), in.int32()));
    }
}
