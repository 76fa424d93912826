package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** Destinations with their groups' counts. */
public record DescribeDestinationsResponse(List<DestinationDescription> entries) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.listBytes(entries);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.list(dst, entries);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DescribeDestinationsResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new DescribeDestinationsResponse(
                in.list(DestinationDescription.BYTES_MIN, DestinationDescription::read)));
    }
}
