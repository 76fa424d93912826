package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * Offsets that a push hands to a consumer. In the message the delivery count is negative where the range is replayed.
 *
 * @param deliveryCount what JMSXDeliveryCount is to say: 1 at the first delivery
 * @param replayed these were settled once, and an operator has asked for them again
 */
public record AcquiredRange(long first, long last, int deliveryCount, boolean replayed) implements PrivateMessage {
    static final int BYTES_MIN = 2 * Long.BYTES + Integer.BYTES;

    public AcquiredRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("no range of offsets: " + first + " to " + last);
        }
    }

    public AcquiredRange(long first, long last, int deliveryCount) {
        this(first, last, deliveryCount, false);
    }

    public long count() {
        return last - first + 1;
    }

    @Override
    public int sizeBytes() {
        return BYTES_MIN;
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putLong(first).putLong(last).putInt(replayed ? -deliveryCount : deliveryCount);
    }

    static AcquiredRange read(FieldReader in) {
        OffsetRange range = OffsetRange.read(in);
        int count = in.int32();
        if (count == 0 || count == Integer.MIN_VALUE) {
            throw new MalformedMessageException("delivery count is " + count);
        }
        return new AcquiredRange(range.first(), range.last(), Math.abs(count), count < 0);
    }
}
