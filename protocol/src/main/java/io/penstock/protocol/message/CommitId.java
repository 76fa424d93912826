package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * Names one commit in the whole cluster, and for ever: the connection's number, its session, the session's sequence. A
 * client that asks again, by whichever broker, asks about the same one.
 */
public record CommitId(long connection, int session, long sequence) implements PrivateMessage {
    private static final int BYTES = 2 * Long.BYTES + Integer.BYTES;

    @Override
    public int sizeBytes() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(connection).putInt(session).putLong(sequence);
    }

    static CommitId read(FieldReader in) {
        return new CommitId(in.int64(), in.int32(), in.int64());
    }
}
