package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a session that has come back goes on holding, of each consumer and partition that is named; what else it holds of
 * these queues and subscriptions goes back, counted where it is marked.
 */
public record HoldRequest(int sessionId, List<Mark> held) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Integer.BYTES + FieldWriter.listBytes(held);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(sessionId);
        FieldWriter.list(dst, held);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static HoldRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new HoldRequest(in.int32(), in.list(Mark.BYTES_MIN, Mark::read)));
    }
}
