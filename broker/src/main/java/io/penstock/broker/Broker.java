package io.penstock.broker;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.delivery.DeliveryConfig;
import io.penstock.broker.delivery.DeliveryContext;
import io.penstock.broker.group.GroupConfig;
import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.partition.Owners;
import io.penstock.broker.partition.PartitionRegistry;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.ReplicaKeeper;
import io.penstock.broker.request.ApiVersionsHandler;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.request.cluster.UpdatePartitionsHandler;
import io.penstock.broker.request.group.GroupHandlers;
import io.penstock.broker.request.jms.Authenticator;
import io.penstock.broker.request.jms.Authoriser;
import io.penstock.broker.request.jms.FrontLimits;
import io.penstock.broker.request.jms.JmsFront;
import io.penstock.broker.request.log.LogHandlers;
import io.penstock.broker.request.replica.ReplicaFetchHandler;
import io.penstock.broker.request.topic.TopicHandlers;
import io.penstock.broker.wire.EventLoops;
import io.penstock.broker.wire.Peers;
import io.penstock.broker.wire.WireConfig;
import io.penstock.broker.wire.WireServer;
import io.penstock.broker.zookeeper.EmbeddedZooKeeper;
import io.penstock.broker.zookeeper.ZooKeeperMetadataStore;
import io.penstock.protocol.record.Compression;
import io.penstock.storage.disk.FileDisk;
import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.SystemClock;
import io.penstock.storage.time.ThreadWorkers;
import io.penstock.storage.time.Workers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The composition root: makes the parts of a broker, in order, and closes them in the reverse order. */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final int IO_THREADS = 4;
    private static final long REGISTRATION_SECONDS = 30;

    /**
     * What the parts are built on.
     *
     * @param closing takes what a part wants closed at the stop; last added is closed first
     */
    record Base(
            BrokerConfig config,
            Clock clock,
            Owners owners,
            Workers workers,
            LogStore logs,
            MetadataStore metadata,
            PartitionRegistry partitions,
            ReplicaKeeper replicas,
            PeerChannel peers,
            HandlerRegistry handlers,
            ClosingStack closing) {}

    private final BrokerConfig.Listener address;
    private final WireServer server;
    private final Runnable leaving;
    private final ClosingStack closing;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Broker(BrokerConfig.Listener address, WireServer server, Runnable leaving, ClosingStack closing) {
        this.address = address;
        this.server = server;
        this.leaving = leaving;
        this.closing = closing;
    }

    /**
     * Starts a broker and returns when it serves. Blocks.
     *
     * @throws IOException when a directory, the port or ZooKeeper cannot be had; the text is for the user
     */
    public static Broker start(BrokerConfig config) throws IOException {
        ClosingStack closing = new ClosingStack();
        try {
            Clock clock = new SystemClock();
            MetadataStore metadata = openMetadata(config, clock, closing);
            return start(config, clock, metadata, closing);
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }

    private static MetadataStore openMetadata(BrokerConfig config, Clock clock, ClosingStack closing)
            throws IOException {
        BrokerSettings settings = config.settings();
        String connect = config.zookeeperConnect();
        if (connect == null) {
            EmbeddedZooKeeper zookeeper = EmbeddedZooKeeper.start(
                    config.logDirectory().resolve("zookeeper"),
                    settings.intValue("zookeeper.embedded.port"),
                    settings.value("flush.policy").equals("before-reply"));
            closing.push("embedded ZooKeeper", zookeeper);
            connect = zookeeper.connectString();
        }
        MetadataStore metadata = ZooKeeperMetadataStore.open(
                new ZooKeeperMetadataStore.Settings(
                        connect,
                        settings.intValue("zookeeper.session.timeout.ms"),
                        settings.intValue("zookeeper.connection.timeout.ms"),
                        config.brokerId(),
                        List.of(config.logDirectory()),
                        settings),
                clock);
        closing.push("metadata", metadata);
        return metadata;
    }

    /** As {@link #start(BrokerConfig)}, over an authority that is given and stays the caller's. For tests. */
    static Broker start(BrokerConfig config, MetadataStore metadata) throws IOException {
        ClosingStack closing = new ClosingStack();
        try {
            return start(config, new SystemClock(), metadata, closing);
        } catch (IOException | RuntimeException e) {
            closing.close();
            throw e;
        }
    }

    private static Broker start(BrokerConfig config, Clock clock, MetadataStore metadata, ClosingStack closing)
            throws IOException {
        config.unknownKeys().forEach(key -> LOG.warn("The configuration key {} is not known and has no effect", key));
        Workers workers = new ThreadWorkers("penstock", IO_THREADS);
        closing.push("workers", workers);
        workers.io().execute(Compression::load);
        LogStore logs =
                DirectoryLogStore.open(StoreConfig.defaults(config.logDirectory()), new FileDisk(), clock, workers);
        closing.push("logs", logs);
        EventLoops loops = new EventLoops(config.loops());
        closing.push("event loops", loops);
        PeerChannel peers = new Peers(
                loops, config.brokerId(), config.settings().intValue("socket.request.max.bytes"), id -> metadata.image()
                        .broker(id));
        closing.push("connections to brokers", peers);
        if (metadata instanceof ZooKeeperMetadataStore store) {
            store.use(peers);
        }
        HandlerRegistry handlers = new HandlerRegistry();
        WireServer server = new WireServer(loops, wireConfig(config.settings()), handlers);
        closing.push("connections", server);
        ReplicaKeeper replicas = new ReplicaKeeper(
                config.brokerId(),
                metadata,
                logs,
                loops,
                clock,
                topic -> TopicConfigs.resolve(topic, settingsNow(config, metadata)),
                topic -> (int) TopicConfigs.number("min.insync.replicas", topic, settingsNow(config, metadata)),
                peers,
                new ReplicaKeeper.Settings(
                        config.settings().longValue("replica.lag.time.max.ms"),
                        config.settings().intValue("replica.fetch.response.max.bytes"),
                        config.settings().intValue("replica.fetch.max.bytes"),
                        config.settings().intValue("replica.fetch.wait.max.ms")));
        closing.push("replicas", replicas);
        PartitionRegistry partitions = new PartitionRegistry(
                config.brokerId(),
                metadata::image,
                logs,
                loops,
                topic -> TopicConfigs.resolve(topic, settingsNow(config, metadata)),
                replicas);
        closing.push("partitions", partitions);
        metadata.subscribe(partitions::follow);
        RetentionTimer.start(loops.next(), partitions, config.settings().longValue("log.retention.check.interval.ms"));

        // The port is wanted for the registration; clients get in at the very end.
        InetSocketAddress bound = server.listen(new InetSocketAddress(
                config.listener().host(), config.listener().port()));
        BrokerConfig.Listener address = new BrokerConfig.Listener(
                config.advertised().host(),
                config.advertised().port() == 0
                        ? bound.getPort()
                        : config.advertised().port());
        BootRecord boot = BootRecord.read(config.logDirectory());
        register(
                metadata,
                new BrokerImage(
                        config.brokerId(),
                        0,
                        address.host(),
                        address.port(),
                        config.settings().value("broker.rack"),
                        boot.beginsClean(logs.startedClean())));
        boot.leave();
        plug(new Base(config, clock, loops, workers, logs, metadata, partitions, replicas, peers, handlers, closing));
        replicas.start();
        server.accept();
        LOG.info("Broker {} serves at {}", config.brokerId(), bound);
        return new Broker(address, server, () -> leave(config, metadata), closing);
    }

    private static BrokerSettings settingsNow(BrokerConfig config, MetadataStore metadata) {
        return config.settings().withDynamic(metadata.brokerConfig(-1), metadata.brokerConfig(config.brokerId()));
    }

    private static WireConfig wireConfig(BrokerSettings settings) {
        return WireConfig.of(
                settings.intValue("socket.request.max.bytes"),
                settings.longValue("connections.max.idle.ms"),
                settings.intValue("max.connections"),
                settings.longValue("queued.max.request.bytes"));
    }

    private static void register(MetadataStore metadata, BrokerImage self) throws IOException {
        try {
            metadata.register(self).toCompletableFuture().get(REGISTRATION_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while registering the broker", e);
        } catch (ExecutionException e) {
            throw new IOException("the broker cannot register: " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the broker could not register within " + REGISTRATION_SECONDS + " s", e);
        }
    }

    /** Where clients connect. */
    public String host() {
        return address.host();
    }

    public int port() {
        return address.port();
    }

    /** Connections at this moment. */
    public int connections() {
        return server.connections();
    }

    /** Controlled shutdown: while this broker still serves, others take over what they can. */
    private static void leave(BrokerConfig config, MetadataStore metadata) {
        BrokerSettings settings = settingsNow(config, metadata);
        if (!settings.flag("controlled.shutdown.enable")
                || metadata.image().brokers().size() < 2) {
            return;
        }
        long millis = settings.longValue("controlled.shutdown.timeout.ms");
        try {
            metadata.leave().toCompletableFuture().get(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Leaderships were not all moved within {} ms; the broker stops all the same", millis, e);
        }
    }

    /** Stops: hands over to others in sync, ends all connections and what waits, forces and closes the logs. Once. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            leaving.run();
            server.close();
            closing.close();
        }
    }

    /**
     * The one place where parts are plugged in: a line makes a part from the base, adds its handlers, and, when it
     * holds something, pushes how to close it. Connections come after this returns, recovery of logs before.
     */
    static void plug(Base base) {
        base.handlers()
                .addKafka(TopicHandlers.all(base.metadata(), base.config().settings()));
        base.handlers().add(new ApiVersionsHandler(base.handlers()));
        base.handlers().addPrivate(List.of(new UpdatePartitionsHandler(base.metadata(), PeerRight.allowAll())));
        TransactionParts transactions = TransactionParts.make(base);
        base.handlers()
                .addKafka(LogHandlers.all(
                        base.metadata(), base.partitions(), base.config().settings(), transactions.gate()));
        base.handlers().add(new ReplicaFetchHandler(base.replicas(), PeerRight.allowAll()));
        plugJms(base, plugGroups(base, transactions));
    }

    private static GroupCoordinator plugGroups(Base base, TransactionParts transactions) {
        BrokerSettings settings = base.config().settings();
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
                base.config().brokerId(),
                base.metadata(),
                base.partitions(),
                base.workers().io(),
                base.clock(),
                config,
                () -> UUID.randomUUID().toString(),
                transactions.offsetsGate());
        base.handlers()
                .addKafka(GroupHandlers.all(
                        groups,
                        transactions.coordinator(),
                        base.metadata(),
                        base.clock(),
                        config.offsetMetadataBytesMax()));
        groups.start();
        base.closing().push("groups", groups);
        transactions.start(base, groups, config.offsetMetadataBytesMax());
        return groups;
    }

    private static short offsetsTopicReplication(BrokerSettings settings) {
        String own = settings.value("offsets.topic.replication.factor");
        return Short.parseShort((own == null ? settings.value("default.replication.factor") : own).trim());
    }

    private static byte[] resumeKey(BrokerConfig config) {
        try {
            return ResumeKey.load(config.logDirectory());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("the key of the resume tokens cannot be read or written", e);
        }
    }

    private static void plugJms(Base base, GroupCoordinator groups) {
        Map<Owner, DeliveryContext> contexts = new ConcurrentHashMap<>();
        boolean clean = base.logs().startedClean();
        JmsFront front = new JmsFront(
                new JmsFront.Ports(
                        base.config().brokerId(),
                        offsetsTopicReplication(base.config().settings()),
                        base.metadata(),
                        base.partitions(),
                        base.clock(),
                        owner -> contexts.computeIfAbsent(
                                owner,
                                made -> new DeliveryContext(made, base.clock(), DeliveryConfig.defaults(), clean)),
                        Authenticator.anonymous(base.config().settings().flag("allow.anonymous")),
                        Authoriser.allowAll(),
                        resumeKey(base.config())),
                FrontLimits.defaults()
                        .withFrameBytesMax(base.config().settings().intValue("socket.request.max.bytes")));
        base.handlers().addPrivate(front.handlers());
        front.askKafkaGroups(groups::leastCommitted);
        base.partitions().holdRetention(front::keepFrom);
        front.start().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.error("JMS clients are not served: what was decided before cannot be recovered", failure);
            }
        });
        base.closing()
                .push("JMS front", () -> front.stop().toCompletableFuture().get(10, TimeUnit.SECONDS));
    }
}
