package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/** Asks for what is pushed to a relayed connection; answered as soon as there is something, else after the wait. */
public record RelayPollRequest(long relay, int waitMillis, int maxBytes) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return Long.BYTES + 2 * Integer.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(relay).putInt(waitMillis).putInt(maxBytes);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static RelayPollRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new RelayPollRequest(in.int64(), in.int32(), in.int32()));
    }
}
