package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** Makes a consumer of some partitions ({@code partitions} empty: of all that this broker leads), with its first credit. */
public record AttachRequest(
        int sessionId,
        int consumerId,
        UUID topicId,
        List<Integer> partitions,
        AttachSource source,
        String groupId,
        long incarnation,
        String selector,
        boolean noLocal,
        boolean browse,
        int creditMessages,
        int creditBytes)
        implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES
                + Integer.BYTES
                + FieldWriter.UUID_BYTES
                + FieldWriter.int32sBytes(partitions)
                + Byte.BYTES
                + FieldWriter.stringBytes(groupId)
                + Long.BYTES
                + FieldWriter.stringBytes(selector)
                + FieldWriter.BOOLEAN_BYTES
                + FieldWriter.BOOLEAN_BYTES
                + Integer.BYTES
                + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        dst.putInt(consumerId);
        FieldWriter.uuid(dst, topicId);
        FieldWriter.int32s(dst, partitions);
        dst.put(source.code());
        FieldWriter.nullableString(dst, groupId);
        dst.putLong(incarnation);
        FieldWriter.nullableString(dst, selector);
        FieldWriter.bool(dst, noLocal);
        FieldWriter.bool(dst, browse);
        dst.putInt(creditMessages);
        dst.putInt(creditBytes);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static AttachRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new AttachRequest(
                in.int32(),
                in.int32(),
                in.uuid(),
                in.int32s(),
                AttachSource.of(in.int8()),
                in.nullableString(),
                in.int64(),
                in.nullableString(),
                in.bool(),
                in.bool(),
                in.int32(),
                in.int32()));
    }
}
