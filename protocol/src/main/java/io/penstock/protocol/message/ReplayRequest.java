package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * Asks for what a queue or a durable subscription has settled on one partition once more; to be sent to its leader.
 *
 * @param groupId of the subscription, null for the queue's own group
 * @param fromOffset the first offset, {@link #BY_TIME} to go by {@code fromMillis}
 * @param fromMillis milliseconds since 1970: from the first record on that is not older
 */
public record ReplayRequest(String destination, String groupId, int partition, long fromOffset, long fromMillis)
        implements PrivateMessage {
    public static final long BY_TIME = -1;

    @Override
    public int sizeBytes() {
        return FieldWriter.stringBytes(destination) + FieldWriter.stringBytes(groupId) + Integer.BYTES + 2 * Long.BYTES;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        FieldWriter.string(dst, destination);
        FieldWriter.nullableString(dst, groupId);
        dst.putInt(partition).putLong(fromOffset).putLong(fromMillis);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static ReplayRequest read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new ReplayRequest(in.string(), in.nullableString(), in.int32(), in.int64(), in.int64()));
    }
}
