package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Asks for the destinations whose name matches; null for all. */
public record DescribeDestinationsRequest(String namePattern) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(namePattern);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.nullableString(dst, namePattern);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DescribeDestinationsRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new DescribeDestinationsRequest(in.nullableString()));
    }
}
