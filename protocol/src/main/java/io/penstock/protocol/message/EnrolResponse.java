package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** @param error Kafka's name of what is wrong, NONE when nothing is */
public record EnrolResponse(String error) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(error);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, error);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static EnrolResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new EnrolResponse(in.string()));
    }
}
