package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What became of each marker, in their order: 0 committed and on the leader's disk, 1 there is no such partition, 2 not now, 3
 * the log has seen a newer one. Anything else is as 2.
 */
public record WriteMarkersResponse(List<Integer> outcomes) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.int32sBytes(outcomes);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.int32s(dst, outcomes);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static WriteMarkersResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new WriteMarkersResponse(in.int32s()));
    }
}
