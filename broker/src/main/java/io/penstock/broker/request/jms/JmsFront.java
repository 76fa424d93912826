package io.penstock.broker.request.jms;

import io.penstock.broker.config.LiveSettings;
import io.penstock.broker.delivery.DeliveryContext;
import io.penstock.broker.delivery.PartitionDelivery;
import io.penstock.broker.delivery.SettledRetention;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.ProducerIdPool;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.name.TemporaryName;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's JMS side, put together: what the composition root makes, starts when this broker leads its partitions,
 * and closes before the logs. Its handlers may be registered before it has started; requests wait until it has.
 */
public final class JmsFront {
    private static final Logger LOG = LoggerFactory.getLogger(JmsFront.class);

    /**
     * What the front runs on.
     *
     * @param internalReplication replicas of the broker's own topics
     * @param settings of destinations
     * @param deliveryContexts the context of an owner, the same one each time
     * @param resumeKey signs the tokens of connections; the same over restarts
     * @param owner on which answers of other brokers are taken that concern no connection
     */
    public record Ports(
            int brokerId,
            short internalReplication,
            MetadataStore metadata,
            Partitions partitions,
            Clock clock,
            LiveSettings settings,
            Function<Owner, DeliveryContext> deliveryContexts,
            Authenticator authenticator,
            Authoriser authoriser,
            byte[] resumeKey,
            PeerChannel peers,
            PeerRight peerRight,
            Owner owner) {}

    private static final int PRODUCER_IDS_BLOCK = 100_000;

    private final Ports ports;
    private final Deliveries deliveries;
    private final CommitRoutes routes;
    private final CommitService commits;
    private final SubscriptionService subscriptions;
    private final ProducerIdPool producerIds;
    private final JmsGate gate;
    private final List<PrivateHandler> handlers;
    private final List<PrivateHandler> peerHandlers;
    /** Of destinations, as the image last shown had them; on the metadata store's thread. */
    private Map<String, String> settings = Map.of();

    private volatile LeastCommitted kafkaGroups = (topicId, topic, partition) -> Long.MAX_VALUE;

    /** How far Kafka's groups have come: {@link Long#MAX_VALUE} without any, -1 when that is not known. */
    public interface LeastCommitted {
        long offset(UUID topicId, String topic, int partition);
    }

    public JmsFront(Ports ports, FrontLimits limits) {
        this.ports = ports;
        MetadataStore metadata = ports.metadata();
        Temporaries temporaries = new Temporaries(ports.partitions(), ports.brokerId());
        Partitions partitions = temporaries;
        deliveries = new Deliveries(partitions, ports.deliveryContexts(), this::retention);
        temporaries.onEnd(deliveries::temporaryEnded);
        InternalTopics topics =
                new InternalTopics(ports.brokerId(), ports.internalReplication(), metadata, partitions, ports.clock());
        ExpiringQueues expiring = new ExpiringQueues(metadata, deliveries);
        PartitionTargets targets = new PartitionTargets(partitions, deliveries, expiring, true);
        PartitionTargets targetsHere = new PartitionTargets(partitions, deliveries, expiring, false);
        routes = new CommitRoutes(metadata, ports.brokerId());
        CommitPeers peers = new CommitPeers(ports.peers(), ports.owner());
        commits = new CommitService(topics, routes, new RoutedTargets(routes, targetsHere, peers, ports.clock()));
        CommitAsking asking = new CommitAsking(routes, peers, commits);
        CommitParticipant participant = new CommitParticipant(partitions, deliveries, asking);
        ClusterCommit.Parts across =
                new ClusterCommit.Parts(ports.clock(), routes, peers, participant, commits, asking);
        BranchAsking branches = new BranchAsking(ports.clock(), routes, peers, commits);
        LedgerGroups groups =
                new LedgerGroups(metadata, deliveries, routes, ports.peers(), ports.owner(), ports.clock());
        subscriptions = new SubscriptionService(topics, groups);
        peerHandlers = List.of(
                new CommitPeerHandlers.Prepare(ports.peerRight(), participant),
                new CommitPeerHandlers.Decide(ports.peerRight(), commits),
                new CommitPeerHandlers.Apply(ports.peerRight(), targetsHere),
                new CommitPeerHandlers.Ask(ports.peerRight(), commits),
                new CommitPeerHandlers.Undo(ports.peerRight(), participant),
                new BranchPeerHandlers.Hold(ports.peerRight(), commits),
                new BranchPeerHandlers.End(ports.peerRight(), commits),
                new BranchPeerHandlers.ListAll(ports.peerRight(), commits),
                new BranchPeerHandlers.Release(ports.peerRight(), targetsHere),
                new LedgerGroups.Handler(ports.peerRight(), groups));
        producerIds = new ProducerIdPool(metadata, PRODUCER_IDS_BLOCK);
        Destinations destinations = new Destinations(metadata, limits);
        deliveries.moveBy(new Mover(destinations, partitions, producerIds, commits, targets, across));
        JmsConnections connections = new JmsConnections(
                ports.authenticator(),
                new ResumeTokens(ports.resumeKey()),
                limits,
                ports.clock(),
                (topicId, partition, session) ->
                        deliveries.with(topicId, partition, delivery -> delivery.sessionEnded(session), ignored -> {}),
                ports.peers(),
                new ClientIdClaims(metadata, ports.brokerId(), ports.clock(), limits.graceMillis()));
        gate = new JmsGate(connections, ports.authoriser(), limits, ports.clock());
        CommitHandler.Committing committing = new CommitHandler.Committing(partitions, commits, targets, across);
        handlers = List.of(
                new OpenConnectionHandler(gate, producerIds, ports.brokerId()),
                new SessionHandlers.AllocateProducerIds(gate, producerIds),
                new ResolveHandler(gate, destinations, metadata),
                new PieceHandlers.Send(gate, partitions, routes),
                new PieceHandlers.Read(gate, partitions, routes),
                new PieceHandlers.Drop(gate, partitions, routes),
                new SendHandler(gate, partitions, routes, expiring),
                new SubscriptionHandlers.Subscribe(gate, destinations, subscriptions, routes),
                new SubscriptionHandlers.Unsubscribe(gate, subscriptions, routes),
                new AttachHandler(gate, metadata, deliveries, subscriptions, temporaries, routes),
                new TemporaryHandlers.Create(gate, temporaries),
                new TemporaryHandlers.Delete(gate, temporaries),
                new SessionHandlers.Credit(gate),
                new SettleHandler(gate),
                new HoldHandler(gate),
                new SessionHandlers.Detach(gate),
                new CommitHandler(gate, committing),
                new BranchHandlers.Prepare(gate, committing),
                new BranchHandlers.End(gate, branches),
                new BranchHandlers.ListAll(gate, branches),
                new SessionHandlers.CloseSession(gate),
                new SessionHandlers.CloseConnection(gate),
                new SessionHandlers.Ping(gate),
                new DescribeDestinationsHandler(gate, metadata, deliveries),
                new ReplayHandler(gate, metadata, deliveries),
                new SettingsHandlers.Alter(gate, metadata, ports.settings()),
                new SettingsHandlers.Describe(gate, ports.settings()));
    }

    /** One for each private api key of clients, and of what brokers say to each other about commits. */
    public List<PrivateHandler> handlers() {
        List<PrivateHandler> all = new ArrayList<>(handlers);
        all.addAll(peerHandlers);
        all.addAll(new RelayHandlers(gate, handlers).all(ports.peerRight()));
        return all;
    }

    /** Recovers decided commits and subscriptions; JMS clients are served when it is done. */
    public CompletionStage<Void> start() {
        ports.metadata().subscribe(image -> {
            deliveries.metadataChanged(image);
            Map<String, String> now = image.brokerConfig(ClusterImage.DESTINATIONS);
            if (now != settings) {
                settings = now;
                deliveries.settingsChanged();
            }
            commits.metadataChanged();
            gate.connections().metadataChanged(routes);
        });
        producerIds.warmUp();
        return commits.start().thenCompose(done -> subscriptions.start()).thenRun(gate::open);
    }

    /**
     * The delivery of a partition, for those who must ask it what retention may remove; opened when the partition has a
     * ledger. Completes on the partition's owner.
     */
    public CompletionStage<PartitionDelivery> delivery(UUID topicId, int partition) {
        return deliveries.get(topicId, partition);
    }

    /** Whom {@code consumed} retention asks what Kafka's groups have not read; before {@link #start}. */
    public void askKafkaGroups(LeastCommitted groups) {
        kafkaGroups = groups;
    }

    /**
     * A {@link RetentionHold}: what a queue's consumers or a subscription have not had stays, unless the topic says
     * {@code penstock.retention=time}.
     */
    public void keepFrom(Partition partition, LongConsumer answer) {
        TopicImage topic = ports.metadata().image().topic(partition.topicId()).orElse(null);
        if (topic == null || Destinations.byTimeAlone(topic)) {
            answer.accept(Long.MAX_VALUE);
            return;
        }
        deliveries.with(
                partition.topicId(),
                partition.index(),
                delivery -> answer.accept(delivery.keepFrom()),
                failure -> LOG.warn(
                        "{}-{} keeps all its records, since its ledger cannot be read: {}",
                        partition.topicName(),
                        partition.index(),
                        failure.toString()));
    }

    private SettledRetention retention(UUID topicId, int partition) {
        if (TemporaryName.isTemporary(topicId)) {
            return SettledRetention.CONSUMED;
        }
        return new TopicRetention(
                ports.metadata()::image, (id, name, index) -> kafkaGroups.offset(id, name, index), topicId, partition);
    }

    /** Writes what deliveries have pending and ends consumers; before the logs are closed. */
    public CompletionStage<Void> stop() {
        return deliveries.closeAll();
    }
}
