package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** The base offset of each send of the request, in its order. */
public record CommitResponse(List<Long> baseOffsets) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES + baseOffsets.size() * Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(baseOffsets.size());
        baseOffsets.forEach(dst::putLong);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static CommitResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new CommitResponse(in.list(Long.BYTES, FieldReader::int64)));
    }
}
