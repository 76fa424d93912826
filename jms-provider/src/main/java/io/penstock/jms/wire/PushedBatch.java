package io.penstock.jms.wire;

import io.penstock.jms.client.Delivery;
import io.penstock.jms.client.DeliveryBatch;
import io.penstock.jms.message.Acknowledger;
import io.penstock.protocol.jms.JmsHeader;
import io.penstock.protocol.message.AcquiredRange;
import io.penstock.protocol.message.DeliverPush;
import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordCursor;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The records of one Deliver push, cut apart as they are asked for. They stay slices of the frame until a message is made
 * of them.
 */
final class PushedBatch implements DeliveryBatch {
    private static final byte[] EXPIRATION = JmsHeader.bytes(JmsHeader.EXPIRATION);
    private static final byte[] DELIVERY_MODE = JmsHeader.bytes(JmsHeader.DELIVERY_MODE);
    private static final int DECOMPRESSED_BYTES_MAX = 256 * 1024 * 1024;

    private final WireTarget target;
    private final int partition;
    private final List<AcquiredRange> acquired;
    private final ByteBuffer batches;
    private final int attemptsMax;
    private final RecordCursor cursor = new RecordCursor();
    private RecordBatch batch;
    private boolean inBatch;
    private int position;
    private int range;
    private int remaining;

    PushedBatch(WireTarget target, DeliverPush push) {
        this.target = target;
        this.partition = push.partition();
        this.attemptsMax = push.attemptsMax();
        this.acquired = push.acquired();
        this.batches = push.batches();
        long count = 0;
        for (AcquiredRange one : acquired) {
            count += one.count();
        }
        this.remaining = (int) Math.min(Integer.MAX_VALUE, count);
    }

    @Override
    public int remaining() {
        return remaining;
    }

    @Override
    public int sizeBytes() {
        return batches.limit();
    }

    @Override
    public Delivery next() {
        while (remaining > 0) {
            if (inBatch && cursor.next()) {
                Record record = cursor.record();
                AcquiredRange in = rangeOf(record.offset());
                if (in != null) {
                    remaining--;
                    return new Pushed(record.detached(), in.deliveryCount(), in.replayed());
                }
            } else if (!nextBatch()) {
                remaining = 0; // Compacted away: the broker counts them as settled.
            }
        }
        return null;
    }

    private boolean nextBatch() {
        inBatch = false;
        if (position >= batches.limit()) {
            return false;
        }
        if (batch == null) {
            batch = RecordBatch.of(batches);
        }
        batch.wrap(batches, position);
        position = batch.end();
        if (!batch.control()) {
            cursor.open(batch, DECOMPRESSED_BYTES_MAX);
            inBatch = true;
        }
        return true;
    }

    /** Ranges and records are in the order of their offsets. */
    private AcquiredRange rangeOf(long offset) {
        while (range < acquired.size() && acquired.get(range).last() < offset) {
            range++;
        }
        if (range == acquired.size() || offset < acquired.get(range).first()) {
            return null;
        }
        return acquired.get(range);
    }

    /** One record of the push. */
    private final class Pushed implements Delivery {
        private final Record record;
        private final int deliveryCount;
        private final boolean replayed;
        private boolean scanned;
        private long expiration;
        private boolean nonPersistent;

        Pushed(Record record, int deliveryCount, boolean replayed) {
            this.record = record;
            this.deliveryCount = deliveryCount;
            this.replayed = replayed;
        }

        @Override
        public int partition() {
            return partition;
        }

        @Override
        public long offset() {
            return record.offset();
        }

        @Override
        public int deliveryCount() {
            return deliveryCount;
        }

        @Override
        public int attemptsMax() {
            return attemptsMax;
        }

        @Override
        public long expiration() {
            scan();
            return expiration;
        }

        @Override
        public boolean persistent() {
            scan();
            return !nonPersistent;
        }

        /** Two headers matter before there is a message; the rest is read when the application asks. */
        private void scan() {
            if (scanned) {
                return;
            }
            scanned = true;
            HeaderCursor headers = record.headers();
            while (headers.next()) {
                if (headers.nameEquals(EXPIRATION)) {
                    expiration = number(headers.valueText());
                } else if (headers.nameEquals(DELIVERY_MODE)) {
                    nonPersistent = JmsHeader.NON_PERSISTENT.equals(headers.valueText());
                }
            }
        }

        /** What a native client writes need not be a number. */
        private static long number(String text) {
            try {
                return text == null ? 0 : Math.max(0, Long.parseLong(text));
            } catch (NumberFormatException e) {
                return 0;
            }
        }

        @Override
        public Message message(int count, Acknowledger acknowledger) throws JMSException {
            return target.decoder().decode(record, partition, count, replayed, acknowledger);
        }
    }
}
