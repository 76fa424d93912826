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
            begin(ids.take());
        }
        return producerId;
    }

    /** True when {@link #producerId} would have to get one, for which it may wait. */
    boolean needsId() {
        return producerId == RecordBatch.NO_PRODUCER_ID;
    }

    void begin(long newProducerId) {
        producerId = newProducerId;
        nextSequence = 0;
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
