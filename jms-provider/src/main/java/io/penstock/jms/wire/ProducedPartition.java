package io.penstock.jms.wire;

import io.penstock.protocol.record.RecordBatch;
import jakarta.jms.JMSException;

/**
 * The idempotent producer of one session and partition: an id and the next sequence number. After a failure that may have
 * left a gap it begins anew with another id. Guarded by its user's lock.
 */
final class ProducedPartition {
    static final short EPOCH = 0;

    private final ProducerIds ids;
    private long producerId = RecordBatch.NO_PRODUCER_ID;
    private int nextSequence;

    ProducedPartition(ProducerIds ids) {
        this.ids = ids;
    }

    long producerId() throws JMSException {
        if (producerId == RecordBatch.NO_PRODUCER_ID) {
            producerId = ids.take();
            nextSequence = 0;
        }
        return producerId;
    }

    int nextSequence() {
        return nextSequence;
    }

    void used(int records) {
        nextSequence = RecordBatch.sequenceAfter(nextSequence, records);
    }

    /** The next batch begins with a new id. */
    void restart() {
        producerId = RecordBatch.NO_PRODUCER_ID;
    }
}
