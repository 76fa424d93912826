package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Where a broker listens. */
public record BrokerAddress(int id, String host, int port) implements PrivateMessage {

    static final int BYTES_MIN = 10;

    @Override
    public int sizeBytes() {
        return Integer.BYTES + FieldWriter.stringBytes(host) + Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(id);
        FieldWriter.string(dst, host);
        dst.putInt(port);
    }

    static BrokerAddress read(FieldReader in) {
        return new BrokerAddress(in.int32(), in.string(), in.int32());
    }
}
