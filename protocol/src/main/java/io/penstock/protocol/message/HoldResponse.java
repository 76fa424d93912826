package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** What the session does not hold any more of what it was to go on holding. */
public record HoldResponse(List<Mark> lost) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return FieldWriter.listBytes(lost);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.list(dst, lost);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static HoldResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new HoldResponse(in.list(Mark.BYTES_MIN, Mark::read)));
    }
}
