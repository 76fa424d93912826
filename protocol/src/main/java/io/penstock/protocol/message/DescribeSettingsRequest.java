package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Asks for the settings that are in force for a destination; null for all that are set, by pattern. */
public record DescribeSettingsRequest(String destination) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(destination);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.nullableString(dst, destination);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DescribeSettingsRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new DescribeSettingsRequest(in.nullableString()));
    }
}
