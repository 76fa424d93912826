package io.penstock.broker.delivery;

import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.InvalidBatchException;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Which records of a batch a group gets: not those that have expired, that an unclean restart has made void, or that
 * the excluded sender wrote. A batch whose writer calls it plain is not looked into; batches of Kafka's own clients
 * are, since their records may carry the same headers.
 *
 * <p>Also finds the records of a batch with gaps. A batch that cannot be read is handed on whole: the client is to see
 * it, and to say so, rather than that it vanishes here.
 */
final class RecordGate {

    /** Of one batch, when it is decompressed to look at headers. */
    private static final int DECOMPRESSED_BYTES_MAX = 64 << 20;

    private static final byte[] EXPIRATION = "JMSExpiration".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DELIVERY_MODE = "JMSDeliveryMode".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SENDER = "penstock.sender".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NON_PERSISTENT = "NON_PERSISTENT".getBytes(StandardCharsets.US_ASCII);

    private final RecordCursor cursor = new RecordCursor();
    private final HeaderCursor headers = new HeaderCursor();
    private Rules rules;
    private byte[] excludedSender;

    /**
     * @param nowMillis time against which records have expired
     * @param discardBelow NON_PERSISTENT records below are discarded
     * @param excludedSender see {@link GroupSpec#excludedSender}; null delivers all
     */
    record Rules(long nowMillis, long discardBelow, String excludedSender) {
        boolean same(long now, long below, String sender) {
            return now == nowMillis && below == discardBelow && Objects.equals(sender, excludedSender);
        }
    }

    void rules(Rules now) {
        if (rules == null || !Objects.equals(rules.excludedSender, now.excludedSender)) {
            excludedSender = now.excludedSender == null ? null : now.excludedSender.getBytes(StandardCharsets.UTF_8);
        }
        rules = now;
    }

    boolean mustLook(RecordBatch batch) {
        return excludedSender != null || !batch.plain();
    }

    /** Adds every record of an offset range to one of the two; offsets without a record to neither. */
    void examine(RecordBatch batch, long from, long to, OffsetRanges deliverable, OffsetRanges passed) {
        try {
            cursor.open(batch, DECOMPRESSED_BYTES_MAX);
            Record record = cursor.record();
            while (cursor.next()) {
                long offset = record.offset();
                if (offset >= from && offset <= to) {
                    (delivered(record) ? deliverable : passed).add(offset, offset);
                }
            }
        } catch (InvalidBatchException e) {
            deliverable.clear();
            passed.clear();
            deliverable.add(from, to);
        }
    }

    private boolean delivered(Record record) {
        if (record.headerCount() == 0) {
            return true;
        }
        headers.open(record);
        while (headers.next()) {
            if (headers.nameEquals(EXPIRATION)) {
                long expiration = number(headers.value());
                if (expiration > 0 && expiration <= rules.nowMillis) {
                    return false;
                }
            } else if (record.offset() < rules.discardBelow && headers.nameEquals(DELIVERY_MODE)) {
                if (valueIs(NON_PERSISTENT)) {
                    return false;
                }
            } else if (excludedSender != null && headers.nameEquals(SENDER) && valueIs(excludedSender)) {
                return false;
            }
        }
        return true;
    }

    private boolean valueIs(byte[] expected) {
        if (headers.valueBytes() != expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (headers.valueByte(i) != expected[i]) {
                return false;
            }
        }
        return true;
    }

    /** Decimal digits; 0 for anything else, which stands for "never". */
    private static long number(ByteBuffer text) {
        if (text == null || text.remaining() == 0 || text.remaining() > 18) {
            return 0;
        }
        long value = 0;
        while (text.hasRemaining()) {
            int digit = text.get() - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            value = 10 * value + digit;
        }
        return value;
    }
}
