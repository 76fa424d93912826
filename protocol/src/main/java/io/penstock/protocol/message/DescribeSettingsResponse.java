package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** Settings with the patterns that they come from. */
public record DescribeSettingsResponse(List<DestinationSetting> settings) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.listBytes(settings);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.list(dst, settings);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DescribeSettingsResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new DescribeSettingsResponse(in.list(DestinationSetting.BYTES_MIN, DestinationSetting::read)));
    }
}
