package io.penstock.jms.wire;

import io.penstock.protocol.message.AllocateProducerIdsRequest;
import io.penstock.protocol.message.AllocateProducerIdsResponse;
import io.penstock.protocol.message.PenstockApi;
import jakarta.jms.JMSException;

/** Hands out producer ids from blocks that the broker gives. Application threads; waits when a block is used up. */
final class ProducerIds {
    private static final int BLOCK = 64;

    private final WireConnection connection;
    private long next;
    private int left;

    ProducerIds(WireConnection connection, long first, int count) {
        this.connection = connection;
        this.next = first;
        this.left = count;
    }

    synchronized long take() throws JMSException {
        if (left == 0) {
            AllocateProducerIdsResponse block = connection.await(
                    connection.call(
                            PenstockApi.ALLOCATE_PRODUCER_IDS,
                            new AllocateProducerIdsRequest(BLOCK),
                            AllocateProducerIdsResponse::read,
                            "asking for producer ids"),
                    "asking for producer ids");
            next = block.firstProducerId();
            left = block.count();
        }
        left--;
        return next++;
    }
}
