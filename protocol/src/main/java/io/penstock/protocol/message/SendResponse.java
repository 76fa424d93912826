package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** One result for each entry of the request, in its order. */
public record SendResponse(List<SendResult> entries) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.listBytes(entries);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.list(dst, entries);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static SendResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new SendResponse(in.list(SendResult.BYTES_MIN, SendResult::read)));
    }
}
