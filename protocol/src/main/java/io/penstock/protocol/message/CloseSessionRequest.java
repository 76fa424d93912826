package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/** Ends a session: what it holds goes back, counted where it is marked. */
public record CloseSessionRequest(int sessionId, List<Mark> marks) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES + FieldWriter.listBytes(marks);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        FieldWriter.list(dst, marks);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static CloseSessionRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new CloseSessionRequest(in.int32(), in.list(Mark.BYTES_MIN, Mark::read)));
    }
}
