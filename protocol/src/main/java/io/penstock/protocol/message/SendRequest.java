package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** Appends batches; each has its own result. */
public record SendRequest(int sessionId, SendDurability durability, List<SendEntry> entries) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES + Byte.BYTES + FieldWriter.listBytes(entries);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        dst.put(durability.code());
        FieldWriter.list(dst, entries);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static SendRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new SendRequest(
                in.int32(), SendDurability.of(in.int8()), in.list(SendEntry.BYTES_MIN, SendEntry::read)));
    }
}
