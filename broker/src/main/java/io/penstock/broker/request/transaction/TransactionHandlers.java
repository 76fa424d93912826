package io.penstock.broker.request.transaction;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.ProducerIdPool;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.broker.transaction.kafka.MarkerPort;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import io.penstock.storage.time.Clock;
import java.util.List;

/** The handlers of this package, for the dispatch table. */
public final class TransactionHandlers {
    private TransactionHandlers() {}

    /**
     * What the handlers ask.
     *
     * @param markers of partitions that this broker leads
     */
    public record Ports(
            TransactionCoordinator coordinator,
            GroupCoordinator groups,
            MarkerPort markers,
            ProducerIdPool producerIds,
            MetadataStore metadata,
            Partitions partitions,
            Clock clock,
            PeerRight right) {}

    /** What other brokers ask. */
    public static List<PrivateHandler> ofPeers(Ports ports) {
        return List.of(
                new WriteMarkersHandler(ports.metadata(), ports.markers(), ports.right()),
                new EnrolHandler(ports.coordinator(), ports.right()));
    }

    /** @param offsetMetadataBytesMax {@code offset.metadata.max.bytes} */
    public static List<KafkaHandler<?>> all(Ports ports, int offsetMetadataBytesMax) {
        return List.of(
                new InitProducerIdHandler(ports.coordinator(), ports.producerIds()),
                new AddPartitionsToTxnHandler(ports.coordinator(), ports.metadata(), ports.right()),
                new AddOffsetsToTxnHandler(ports.coordinator(), ports.groups()),
                new EndTxnHandler(ports.coordinator()),
                new TxnOffsetCommitHandler(ports.groups(), ports.metadata(), ports.clock(), offsetMetadataBytesMax),
                new WriteTxnMarkersHandler(ports.metadata(), ports.markers()),
                new ListTransactionsHandler(ports.coordinator(), ports.clock()),
                new DescribeTransactionsHandler(ports.coordinator()),
                new DescribeProducersHandler(ports.metadata(), ports.partitions()));
    }
}
