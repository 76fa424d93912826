package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** Pushes in their order, each whole, from its correlation id on. */
public record RelayPollResponse(List<ByteBuffer> pushes) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        int size = Integer.BYTES;
        for (ByteBuffer push : pushes) {
            size += FieldWriter.bytesBytes(push);
        }
        return size;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(pushes.size());
        pushes.forEach(push -> FieldWriter.bytes(dst, push));
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static RelayPollResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new RelayPollResponse(in.list(Integer.BYTES, FieldReader::bytes)));
    }
}
