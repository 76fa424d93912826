package io.penstock.protocol.message;

import java.nio.ByteBuffer;

/**
 * Offsets that a push hands to a consumer.
 *
 * @param deliveryCount what JMSXDeliveryCount is to say: 1 at the first delivery
 */
public record AcquiredRange(long first, long last, int deliveryCount) implements PrivateMessage {
    static final int BYTES_MIN = 2 * Long.BYTES + Integer.BYTES;

    public AcquiredRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("no range of offsets: " + first + " to " + last);
        }
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
        dst.putLong(first).putLong(last).putInt(deliveryCount);
    }

    static AcquiredRange read(FieldReader in) {
        OffsetRange range = OffsetRange.read(in);
        int deliveryCount = in.int32();
        if (deliveryCount < 1) {
            throw new MalformedMessageException("delivery count is " + deliveryCount);
        }
        return new AcquiredRange(range.first(), range.last(), deliveryCount);
    }
}
