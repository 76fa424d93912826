package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** Changes settings of destinations, all together or none. */
public record AlterSettingsRequest(List<DestinationSetting> changes) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.listBytes(changes);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.list(dst, changes);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static AlterSettingsRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new AlterSettingsRequest(in.list(DestinationSetting.BYTES_MIN, DestinationSetting::read)));
    }
}
