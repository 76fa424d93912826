package io.penstock.broker.request.jms;

import io.penstock.broker.partition.Partition;
import io.penstock.protocol.message.CommitSend;
import io.penstock.protocol.message.PenstockError;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Finds batches of one commit that their partitions would refuse as out of order, while the commit can still fail. Any
 * thread; each partition on its owner.
 */
final class SequenceCheck {
    private final Map<Producer, Integer> nextSequences = new HashMap<>();

    private record Producer(UUID topicId, int partition, long producerId) {}

    synchronized void check(Partition partition, CommitSend send) throws FrontException {
        Producer producer = new Producer(send.topicId(), send.partition(), send.producerId());
        Integer expected = nextSequences.get(producer);
        if (expected == null) {
            expected = partition
                    .log()
                    .producer(send.producerId())
                    .filter(entry -> entry.producerEpoch() == send.producerEpoch())
                    .map(entry -> ClientBatches.nextSequence(entry.lastSequence()))
                    .orElse(send.baseSequence());
        }
        if (send.baseSequence() != expected) {
            throw new FrontException(
                    PenstockError.OUT_OF_ORDER_SEQUENCE,
                    "producer " + send.producerId() + " must go on in " + partition.topicName() + " with sequence "
                            + expected + ", not " + send.baseSequence());
        }
        nextSequences.put(producer, ClientBatches.nextSequence(send.lastSequence()));
    }

    /** True when the partition has the batch already. */
    static boolean isStored(Partition partition, CommitSend send) {
        return partition
                .log()
                .producer(send.producerId())
                .filter(entry -> entry.producerEpoch() == send.producerEpoch()
                        && ClientBatches.notAfter(send.lastSequence(), entry.lastSequence()))
                .isPresent();
    }
}
