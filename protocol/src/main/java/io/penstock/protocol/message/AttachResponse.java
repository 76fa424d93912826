package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** The partitions that are served. */
public record AttachResponse(List<Integer> partitions) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.int32sBytes(partitions);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.int32s(dst, partitions);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static AttachResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new AttachResponse(in.int32s()));
    }
}
