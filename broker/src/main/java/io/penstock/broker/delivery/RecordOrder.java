package io.penstock.broker.delivery;

import io.penstock.protocol.jms.JmsHeader;
import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.Record;

/** What a record says of its place in the order of delivery (docs/mapping.md); reused for one record after another. */
final class RecordOrder {

    private static final byte[] PRIORITY = JmsHeader.bytes(JmsHeader.PRIORITY);
    private static final byte[] EXPIRATION = JmsHeader.bytes(JmsHeader.EXPIRATION);
    private static final byte[] DELIVERY_TIME = JmsHeader.bytes(JmsHeader.DELIVERY_TIME);

    private final HeaderCursor headers = new HeaderCursor();

    /** 0 to 9. */
    int priority;
    /** When it may be delivered at the earliest, milliseconds since 1970; 0 for at once. */
    long dueMillis;
    /** When its time is over, milliseconds since 1970; 0 for never. */
    long expiryMillis;
    /** Whether the record has a key: it is of a message group. */
    boolean keyed;
    /** Of {@link GroupOwners}, for one with a key. */
    int share;

    void read(Record record) {
        keyed = record.hasKey();
        share = keyed ? GroupOwners.share(record.key()) : 0;
        priority = OrderIndex.DEFAULT_LEVEL;
        dueMillis = 0;
        expiryMillis = 0;
        if (record.headerCount() == 0) {
            return;
        }
        headers.open(record);
        while (headers.next()) {
            if (headers.nameEquals(PRIORITY)) {
                priority = (int) Math.min(OrderIndex.LEVELS - 1, number(headers, OrderIndex.DEFAULT_LEVEL));
            } else if (headers.nameEquals(EXPIRATION)) {
                expiryMillis = number(headers, 0);
            } else if (headers.nameEquals(DELIVERY_TIME)) {
                dueMillis = number(headers, 0);
            }
        }
    }

    /** The value as decimal digits; {@code otherwise} for anything else. */
    static long number(HeaderCursor header, long otherwise) {
        int bytes = header.valueBytes();
        if (bytes == 0 || bytes > 18) {
            return otherwise;
        }
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            int digit = header.valueByte(i) - '0';
            if (digit < 0 || digit > 9) {
                return otherwise;
            }
            value = 10 * value + digit;
        }
        return value;
    }
}
