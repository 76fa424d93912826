package io.penstock.broker;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.replication.ReplicaRules;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.login.Logins;
import io.penstock.broker.security.ClusterKeys;
import io.penstock.broker.wire.EventLoops;
import io.penstock.broker.wire.LoginLimits;
import io.penstock.broker.wire.Peers;
import io.penstock.broker.wire.WireConfig;
import io.penstock.broker.wire.WireServer;
import io.penstock.broker.zookeeper.EmbeddedZooKeeper;
import io.penstock.broker.zookeeper.ZooKeeperMetadataStore;
import io.penstock.protocol.record.Compression;
import io.penstock.storage.disk.FileDisk;
import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.SystemClock;
import io.penstock.storage.time.ThreadWorkers;
import io.penstock.storage.time.Workers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The composition root: makes the parts of a broker, in order, and closes them in the reverse order. */
public final class Broker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);
    private static final int IO_THREADS = 4;
    private static final long REGISTRATION_SECONDS = 30;
    private static final long DELIVERY_STOP_SECONDS = 10;

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
        DirectoryLogStore logs =
                DirectoryLogStore.open(StoreConfig.defaults(config.logDirectory()), new FileDisk(), clock, workers);
        closing.push("logs", logs);
        BootRecord boot = BootRecord.read(config.logDirectory());
        logs.whenForceFails(boot::doubt);
        EventLoops loops = new EventLoops(config.loops());
        closing.push("event loops", loops);
        byte[] secret = clusterSecret(config, metadata);
        ClusterKeys keys = new ClusterKeys(secret);
        Logins logins = BrokerUsers.open(config, metadata, keys, closing);
        Peers peers = new Peers(
                loops,
                config.brokerId(),
                config.settings().intValue("socket.request.max.bytes"),
                keys,
                id -> metadata.image().broker(id));
        closing.push("connections to brokers", peers);
        metadata.subscribe(peers::follow);
        if (metadata instanceof ZooKeeperMetadataStore store) {
            store.use(peers);
        }
        HandlerRegistry handlers = new HandlerRegistry();
        WireServer server = new WireServer(loops, wireConfig(config), handlers);
        closing.push("connections", server);
        logins.users().whenLost(server::close);
        BrokerParts parts = BrokerParts.make(new BrokerParts.Ports(
                config,
                clock,
                loops,
                workers,
                logs,
                metadata,
                peers,
                handlers,
                secret,
                logins,
                ReplicaRules.STANDARD,
                UnaryOperator.identity(),
                () -> UUID.randomUUID().toString()));
        closing.push("parts", parts);

        // The port is wanted for the registration; clients get in at the very end.
        InetSocketAddress bound = server.listen(new InetSocketAddress(
                config.listener().host(), config.listener().port()));
        if (config.settings().flag("local.socket")) {
            server.listenLocally(config.logDirectory());
        }
        BrokerConfig.Listener address = new BrokerConfig.Listener(
                config.advertised().host(),
                config.advertised().port() == 0
                        ? bound.getPort()
                        : config.advertised().port());
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
        parts.start();
        closing.push(
                "deliveries",
                () -> parts.stopDelivery().toCompletableFuture().get(DELIVERY_STOP_SECONDS, TimeUnit.SECONDS));
        server.accept();
        LOG.info("Broker {} serves at {}", config.brokerId(), bound);
        return new Broker(address, server, () -> leave(parts), closing);
    }

    /**
     * What only the brokers of the cluster know. By it all take the resume tokens of each, for a client whose broker has died comes
     * to another; and from it follows how they log in with each other.
     */
    private static byte[] clusterSecret(BrokerConfig config, MetadataStore metadata) throws IOException {
        byte[] own = ResumeKey.load(config.logDirectory());
        return await(metadata.shareSecret(own), "get the cluster's secret");
    }

    private static <T> T await(CompletionStage<T> answer, String what) throws IOException {
        try {
            return answer.toCompletableFuture().get(REGISTRATION_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted when it was to " + what, e);
        } catch (ExecutionException e) {
            throw new IOException(
                    "the broker cannot " + what + ": " + e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the broker could not " + what + " within " + REGISTRATION_SECONDS + " s", e);
        }
    }

    private static WireConfig wireConfig(BrokerConfig config) {
        BrokerSettings settings = config.settings();
        return WireConfig.of(
                settings.intValue("socket.request.max.bytes"),
                settings.longValue("connections.max.idle.ms"),
                settings.intValue("max.connections"),
                settings.longValue("queued.max.request.bytes"),
                LoginLimits.of(config.anonymous(), settings.intValue("sasl.server.max.receive.size")));
    }

    private static void register(MetadataStore metadata, BrokerImage self) throws IOException {
        await(metadata.register(self), "register");
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
    private static void leave(BrokerParts parts) {
        BrokerSettings settings = parts.settingsNow();
        MetadataStore metadata = parts.ports().metadata();
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
}
