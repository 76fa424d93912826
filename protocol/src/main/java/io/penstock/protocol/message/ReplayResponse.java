package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * What is available again.
 *
 * @param fromOffset where the replay begins: not below what retention has kept
 * @param records how many offsets at and above it had been settled
 */
public record ReplayResponse(long fromOffset, long records) implements PrivateMessage {

    @Override
    public int sizeBytes() {
        return 2 * Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(fromOffset).putLong(records);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ReplayResponse read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ReplayResponse(in.int64(), in.int64()));
    }
}
