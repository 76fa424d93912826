package io.penstock.broker;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupError;
import io.penstock.broker.group.OffsetsGate;
import io.penstock.broker.metadata.ProducerIdPool;
import io.penstock.broker.partition.PartitionRegistry;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.request.transaction.TransactionHandlers;
import io.penstock.broker.transaction.kafka.LocalMarkers;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionConfig;
import io.penstock.broker.transaction.kafka.TransactionCoordinator;
import io.penstock.broker.transaction.kafka.TransactionError;
import io.penstock.broker.transaction.kafka.TransactionGate;
import io.penstock.broker.transaction.peers.ClusterEnrolment;
import io.penstock.broker.transaction.peers.ClusterMarkers;
import io.penstock.storage.time.Owner;
import java.util.concurrent.TimeUnit;

/** The parts that Kafka's transactions need, for the composition root. */
record TransactionParts(
        TransactionCoordinator coordinator, TransactionGate gate, LocalMarkers markers, ProducerIdPool producerIds) {
    /** A block of which a stop loses the rest. */
    private static final int PRODUCER_IDS_BLOCK = 1000;

    static TransactionParts make(BrokerParts.Ports ports, PartitionRegistry partitions) {
        LocalMarkers markers = new LocalMarkers(ports.metadata()::image, partitions);
        ProducerIdPool producerIds = new ProducerIdPool(ports.metadata(), PRODUCER_IDS_BLOCK);
        TransactionCoordinator coordinator = new TransactionCoordinator(
                ports.config().brokerId(),
                ports.metadata(),
                partitions,
                ports.workers().io(),
                ports.clock(),
                config(ports.config().settings()),
                new ClusterMarkers(
                        ports.config().brokerId(),
                        ports.metadata()::image,
                        markers,
                        ports.peers(),
                        ports.owners().next()),
                producerIds);
        ClusterEnrolment enrolment = new ClusterEnrolment(
                ports.config().brokerId(),
                coordinator::find,
                coordinator,
                ports.peers(),
                ports.owners().next());
        return new TransactionParts(
                coordinator, new TransactionGate(ports.enrolment().apply(enrolment)), markers, producerIds);
    }

    private static TransactionConfig config(BrokerSettings settings) {
        TransactionConfig usual = TransactionConfig.defaults();
        return new TransactionConfig(
                settings.longValue("transactional.id.expiration.ms"),
                settings.intValue("transaction.max.timeout.ms"),
                settings.intValue("transaction.abort.timed.out.transaction.cleanup.interval.ms"),
                settings.intValue("transaction.remove.expired.transaction.cleanup.interval.ms"),
                settings.intValue("transaction.state.log.num.partitions"),
                (short) settings.intValue(
                        settings.value("transaction.state.log.replication.factor") == null
                                ? "default.replication.factor"
                                : "transaction.state.log.replication.factor"),
                settings.intValue("transaction.state.log.min.isr"),
                usual.idsMax(),
                usual.partitionsMax(),
                usual.waitMillis(),
                usual.retryMillis(),
                usual.compactionBytesMin());
    }

    /** Adds the handlers and begins to serve, when the groups are there. */
    void start(
            BrokerParts.Ports ports,
            PartitionRegistry partitions,
            GroupCoordinator groups,
            int offsetMetadataBytesMax) {
        markers.tell((partition, marker) -> groups.transactionEnded(
                partition.topicId(), partition.index(), marker.producer().producerId(), marker.commit()));
        TransactionHandlers.Ports asked = new TransactionHandlers.Ports(
                coordinator,
                groups,
                markers,
                producerIds,
                ports.metadata(),
                partitions,
                ports.clock(),
                PeerRight.brokersOnly());
        ports.handlers().addKafka(TransactionHandlers.all(asked, offsetMetadataBytesMax));
        ports.handlers().addPrivate(TransactionHandlers.ofPeers(asked));
        coordinator.start();
        lookAgain(ports.owners().next());
    }

    private void lookAgain(Owner owner) {
        owner.schedule(
                () -> {
                    coordinator.lookAgain();
                    lookAgain(owner);
                },
                TimeUnit.SECONDS.toNanos(1));
    }

    /** Asks for the groups, whose offsets go into transactions. */
    OffsetsGate offsetsGate() {
        return (partition, client, add, append, refused) -> gate.pass(
                partition,
                client.transactionalId(),
                new ProducerIdentity(client.producerId(), client.producerEpoch()),
                add,
                append,
                error -> refused.accept(ofGroup(error)));
    }

    private static GroupError ofGroup(TransactionError error) {
        return switch (error) {
            case NONE -> GroupError.NONE;
            case INVALID_PRODUCER_ID_MAPPING -> GroupError.INVALID_PRODUCER_ID_MAPPING;
            case PRODUCER_FENCED -> GroupError.PRODUCER_FENCED;
            case INVALID_TXN_STATE -> GroupError.INVALID_TXN_STATE;
            // Clients try these again, with the same coordinator of the group.
            case COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, CONCURRENT_TRANSACTIONS ->
                GroupError.COORDINATOR_LOAD_IN_PROGRESS;
            default -> GroupError.UNKNOWN_SERVER_ERROR;
        };
    }
}
