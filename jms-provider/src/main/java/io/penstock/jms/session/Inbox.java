package io.penstock.jms.session;

import io.penstock.jms.client.Delivery;
import io.penstock.jms.client.DeliveryBatch;
import io.penstock.jms.client.OffsetsByPartition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a consumer has been pushed and has not handed out, in order; what was taken back comes first. Bounded by the
 * consumer's credit. Guarded by the session's lock.
 */
final class Inbox {
    private final ConsumerCore consumer;
    private final ArrayDeque<HandedOut> again = new ArrayDeque<>();
    private final ArrayDeque<DeliveryBatch> pushed = new ArrayDeque<>();
    private long bytesEmptied;

    Inbox(ConsumerCore consumer) {
        this.consumer = consumer;
    }

    void add(DeliveryBatch batch) {
        if (batch.remaining() > 0) {
            pushed.add(batch);
        } else {
            bytesEmptied += batch.sizeBytes();
        }
    }

    void back(HandedOut message) {
        again.addFirst(message);
    }

    boolean isEmpty() {
        return again.isEmpty() && pushed.isEmpty();
    }

    HandedOut next() {
        HandedOut repeated = again.poll();
        if (repeated != null) {
            return repeated;
        }
        for (DeliveryBatch batch = pushed.peek(); batch != null; batch = pushed.peek()) {
            Delivery delivery = batch.next();
            if (batch.remaining() == 0) {
                bytesEmptied += pushed.poll().sizeBytes();
            }
            if (delivery != null) {
                return new HandedOut(consumer, delivery);
            }
        }
        return null;
    }

    /** Bytes of pushes that have been used up since the last call. */
    long bytesEmptied() {
        return bytesEmptied;
    }

    void bytesCredited() {
        bytesEmptied = 0;
    }

    /** What was handed out before and taken back. */
    Iterable<HandedOut> again() {
        return again;
    }

    void dropAgain(Predicate<HandedOut> dropped) {
        again.removeIf(dropped);
    }

    /** Takes out what was handed out before and taken back. */
    List<HandedOut> clearAgain() {
        List<HandedOut> repeated = new ArrayList<>(again);
        again.clear();
        return repeated;
    }

    /** Takes out what has never been handed out. */
    OffsetsByPartition clearPushed() {
        OffsetsByPartition fresh = new OffsetsByPartition();
        for (DeliveryBatch batch : pushed) {
            for (Delivery delivery = batch.next(); delivery != null; delivery = batch.next()) {
                fresh.add(delivery.partition(), delivery.offset());
            }
        }
        pushed.clear();
        return fresh;
    }
}
