package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** A setting of the destinations that fit a pattern; in a change, null removes it. */
public record DestinationSetting(String pattern, String key, String value) implements PrivateMessage {

    static final int BYTES_MIN = 6;

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(pattern) + FieldWriter.stringBytes(key) + FieldWriter.stringBytes(value);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, pattern);
        FieldWriter.string(dst, key);
        FieldWriter.nullableString(dst, value);
    }

    static DestinationSetting read(FieldReader in) {
        return new DestinationSetting(in.string(), in.string(), in.nullableString());
    }
}
