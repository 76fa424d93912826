package io.penstock.broker;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.LiveSettings;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.delivery.DeliveryConfig;
import io.penstock.broker.delivery.DeliveryContext;
import io.penstock.broker.group.GroupConfig;
import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.partition.Owners;
import io.penstock.broker.partition.PartitionRegistry;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.ReplicaKeeper;
import io.penstock.broker.replication.ReplicaRules;
import io.penstock.broker.request.ApiVersionsHandler;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.request.cluster.UpdatePartitionsHandler;
import io.penstock.broker.request.group.GroupHandlers;
import io.penstock.broker.request.jms.Authenticator;
import io.penstock.broker.request.jms.Authoriser;
import io.penstock.broker.request.jms.FrontLimits;
import io.penstock.broker.request.jms.JmsFront;
import io.penstock.broker.request.log.DescribeLogDirsHandler;
import io.penstock.broker.request.log.LogHandlers;
import io.penstock.broker.request.login.Logins;
import io.penstock.broker.request.replica.ReplicaFetchHandler;
import io.penstock.broker.request.topic.TopicHandlers;
import io.penstock.broker.transaction.kafka.Enrolment;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Workers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything of a broker that lies between its ports, put together: replicas, partitions, coordinators, the JMS front,
 * and the handlers of all requests. {@link Broker} supplies the ports that production has, the simulation of a cluster
 * its own; nothing in here blocks but {@link #close}. Made, plugged, started and closed by one thread.
 */
public final class BrokerParts implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerParts.class);

    /**
     * What the parts are built on.
     *
     * @param handlers takes the handlers of all requests
     * @param resumeKey signs the tokens of JMS connections; the same over restarts
     * @param logins of those who prove who they are
     * @param rules of replication
     * @param enrolment stands between the gate of transactions and their coordinator: nothing, unless a simulation puts
     *     an old bug back
     * @param memberIds gives what makes the id of a group's member unique
     */
    public record Ports(
            BrokerConfig config,
            Clock clock,
            Owners owners,
            Workers workers,
            LogStore logs,
            MetadataStore metadata,
            PeerChannel peers,
            HandlerRegistry handlers,
            byte[] resumeKey,
            Logins logins,
            ReplicaRules rules,
            UnaryOperator<Enrolment> enrolment,
            Supplier<String> memberIds) {}

    private final Ports ports;
    private final ReplicaKeeper replicas;
    private final PartitionRegistry partitions;
    private final ClosingStack closing = new ClosingStack();
    private JmsFront front;

    private BrokerParts(Ports ports) {
        this.ports = ports;
        BrokerSettings settings = ports.config().settings();
        this.replicas = new ReplicaKeeper(
                ports.config().brokerId(),
                ports.metadata(),
                ports.logs(),
                ports.owners(),
                ports.clock(),
                topic -> TopicConfigs.resolve(topic, settingsNow()),
                topic -> (int) TopicConfigs.number("min.insync.replicas", topic, settingsNow()),
                ports.peers(),
                new ReplicaKeeper.Settings(
                        settings.longValue("replica.lag.time.max.ms"),
                        settings.intValue("replica.fetch.response.max.bytes"),
                        settings.intValue("replica.fetch.max.bytes"),
                        settings.intValue("replica.fetch.wait.max.ms"),
                        () -> settingsNow().longValue("leader.replication.throttled.rate"),
                        () -> settingsNow().longValue("follower.replication.throttled.rate")),
                ports.rules());
        closing.push("replicas", replicas);
        this.partitions = new PartitionRegistry(
                ports.config().brokerId(),
                ports.metadata()::image,
                ports.logs(),
                ports.owners(),
                topic -> TopicConfigs.resolve(topic, settingsNow()),
                replicas);
        closing.push("partitions", partitions);
    }

    /** Makes the partitions, which follow the image from now on. */
    public static BrokerParts make(Ports ports) {
        BrokerParts parts = new BrokerParts(ports);
        ports.metadata().subscribe(parts.partitions::follow);
        RetentionTimer.start(
                ports.owners().next(),
                parts.partitions,
                ports.config().settings().longValue("log.retention.check.interval.ms"));
        return parts;
    }

    /** The broker's settings, with those that were changed at run time. */
    BrokerSettings settingsNow() {
        MetadataStore metadata = ports.metadata();
        return ports.config()
                .settings()
                .withDynamic(
                        metadata.brokerConfig(-1),
                        metadata.brokerConfig(ports.config().brokerId()));
    }

    Ports ports() {
        return ports;
    }

    PartitionRegistry partitions() {
        return partitions;
    }

    /** To be called when the broker is registered. After it requests may come. */
    public void start() {
        plug();
        replicas.start();
    }

    /**
     * The one place where parts are plugged in: a line makes a part from the ports, adds its handlers, and, when it
     * holds something, pushes how to close it. Connections come after this returns, recovery of logs before.
     */
    private void plug() {
        HandlerRegistry handlers = ports.handlers();
        MetadataStore metadata = ports.metadata();
        BrokerSettings settings = ports.config().settings();
        handlers.addKafka(TopicHandlers.all(metadata, settings));
        handlers.add(new ApiVersionsHandler(handlers));
        handlers.addKafka(ports.logins().kafkaHandlers());
        handlers.add(ports.logins().privateHandler());
        handlers.addPrivate(List.of(new UpdatePartitionsHandler(metadata, PeerRight.brokersOnly())));
        TransactionParts transactions = TransactionParts.make(ports, partitions);
        handlers.addKafka(LogHandlers.all(metadata, partitions, settings, transactions.gate()));
        handlers.add(new DescribeLogDirsHandler(
                metadata,
                ports.logs(),
                ports.config().logDirectory().toAbsolutePath().toString()));
        handlers.add(new ReplicaFetchHandler(replicas, PeerRight.brokersOnly()));
        plugJms(plugGroups(transactions));
    }

    private GroupCoordinator plugGroups(TransactionParts transactions) {
        BrokerSettings settings = ports.config().settings();
        GroupConfig usual = GroupConfig.defaults();
        GroupConfig config = new GroupConfig(
                settings.intValue("group.initial.rebalance.delay.ms"),
                settings.intValue("group.min.session.timeout.ms"),
                settings.intValue("group.max.session.timeout.ms"),
                settings.intValue("group.max.size"),
                usual.groupsMax(),
                usual.memberMetadataBytesMax(),
                usual.assignmentBytesMax(),
                settings.intValue("offset.metadata.max.bytes"),
                TimeUnit.MINUTES.toMillis(settings.intValue("offsets.retention.minutes")),
                settings.longValue("offsets.retention.check.interval.ms"),
                settings.intValue("offsets.topic.num.partitions"),
                offsetsTopicReplication(settings),
                usual.compactionBytesMin());
        GroupCoordinator groups = new GroupCoordinator(
                ports.config().brokerId(),
                ports.metadata(),
                partitions,
                ports.workers().io(),
                ports.clock(),
                config,
                ports.memberIds(),
                transactions.offsetsGate());
        ports.handlers()
                .addKafka(GroupHandlers.all(
                        groups,
                        transactions.coordinator(),
                        ports.metadata(),
                        ports.clock(),
                        config.offsetMetadataBytesMax()));
        groups.start();
        closing.push("groups", groups);
        transactions.start(ports, partitions, groups, config.offsetMetadataBytesMax());
        closing.push("transactions", transactions.coordinator());
        return groups;
    }

    private static short offsetsTopicReplication(BrokerSettings settings) {
        String own = settings.value("offsets.topic.replication.factor");
        return Short.parseShort((own == null ? settings.value("default.replication.factor") : own).trim());
    }

    private void plugJms(GroupCoordinator groups) {
        Map<Owner, DeliveryContext> contexts = new ConcurrentHashMap<>();
        boolean clean = ports.logs().startedClean();
        LiveSettings destinations =
                new LiveSettings(() -> ports.metadata().image().brokerConfig(ClusterImage.DESTINATIONS));
        BrokerSettings settings = ports.config().settings();
        front = new JmsFront(
                new JmsFront.Ports(
                        ports.config().brokerId(),
                        offsetsTopicReplication(settings),
                        ports.metadata(),
                        partitions,
                        ports.clock(),
                        destinations,
                        owner -> contexts.computeIfAbsent(
                                owner,
                                made -> new DeliveryContext(
                                        made, ports.clock(), DeliveryConfig.defaults(), clean, destinations::of)),
                        Authenticator.of(ports.logins().users()),
                        Authoriser.allowAll(),
                        ports.resumeKey(),
                        ports.peers(),
                        PeerRight.brokersOnly(),
                        ports.owners().next()),
                FrontLimits.defaults()
                        .withFrameBytesMax(settings.intValue("socket.request.max.bytes"))
                        .withBodyBytesMax(settings.intValue("large.message.max.bytes")));
        ports.handlers().addPrivate(front.handlers());
        front.askKafkaGroups(groups::leastCommitted);
        partitions.holdRetention(front::keepFrom);
        front.start().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.error("JMS clients are not served: what was decided before cannot be recovered", failure);
            }
        });
    }

    /** First step of a stop: writes what deliveries have pending and ends consumers. */
    public CompletionStage<Void> stopDelivery() {
        return front == null ? CompletableFuture.completedFuture(null) : front.stop();
    }

    /** Second step: ends everything that waits. The logs are to be closed after it. */
    @Override
    public void close() {
        closing.close();
    }
}
