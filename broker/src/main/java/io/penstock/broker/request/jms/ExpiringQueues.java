package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.GroupSpec;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.partition.Partition;
import io.penstock.protocol.message.DestinationKind;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the delivery of a queue to which messages are sent that may expire, so that these leave it also when nobody ever
 * listens. Of batches whose writer vouches that nothing expires it costs a look at a bit. On the partition's owner.
 */
final class ExpiringQueues {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiringQueues.class);

    private final MetadataStore metadata;
    private final Deliveries deliveries;

    ExpiringQueues(MetadataStore metadata, Deliveries deliveries) {
        this.metadata = metadata;
        this.deliveries = deliveries;
    }

    /** A batch is about to be appended. */
    void sending(Partition partition, ByteBuffer batch) {
        if (ClientBatches.inOrder(batch)
                || deliveries.isOpen(partition, partition.topicName())
                || metadata.image()
                        .topic(partition.topicId())
                        .filter(topic -> Destinations.kind(topic) == DestinationKind.QUEUE)
                        .isEmpty()) {
            return;
        }
        deliveries.with(
                partition.topicId(),
                partition.index(),
                delivery -> {
                    if (delivery.group(partition.topicName()).isEmpty()) {
                        long start = delivery.partition().log().startOffset();
                        delivery.createGroup(GroupSpec.queue(partition.topicName(), start), refused -> {});
                    }
                },
                failure -> LOG.warn(
                        "Messages of {}-{} that expire stay until somebody listens: {}",
                        partition.topicName(),
                        partition.index(),
                        failure.toString()));
    }
}
