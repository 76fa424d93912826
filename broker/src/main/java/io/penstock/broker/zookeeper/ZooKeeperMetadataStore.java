package io.penstock.broker.zookeeper;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.Election;
import io.penstock.broker.metadata.IsrChange;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.metadata.TopicNames;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.protocol.message.UpdatePartitionsRequest;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.zookeeper.WatchedEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority for what exists, in ZooKeeper. Keeps one session and one watch on the whole tree, reads what changed
 * ({@link Refresh}), writes what is asked for ({@link ChangeQueue}), and is a member of the cluster ({@link
 * Membership}, {@link Controller}). All of that runs on its one thread, {@code penstock-metadata}; any thread may
 * call. Opened and closed by the composition root.
 */
public final class ZooKeeperMetadataStore implements MetadataStore, ZooKeeperSession.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperMetadataStore.class);

    private static final long TICK_MILLIS = 500;
    private static final long CHANGE_TIMEOUT_SECONDS = 20;
    private static final long RECONNECT_MILLIS = 200;
    private static final long RETRY_MILLIS = 10;
    /** So often in a session's time-out it is renewed. */
    private static final int RENEWALS = 6;

    private final Settings settings;
    private final Clock clock;
    private final Owner thread;
    private final ZooKeeperSession.Sessions sessions;
    private final Supplier<UUID> ids;
    private final List<Consumer<ClusterImage>> listeners = new ArrayList<>();
    private final ChangeQueue changes;
    private final Controller controller;
    private final Membership membership;
    private final Refresh refresh;
    private final ProducerIds producerIds;

    /** @param endNanos until then the session cannot have expired, by our clock */
    private record Lease(long endNanos) {}

    private final Change.EpochVersions lives = new Change.EpochVersions() {
        @Override
        public int version(int broker, long epoch) {
            return refresh.members().epochVersion(broker, epoch);
        }

        @Override
        public int controllerEpoch() {
            return refresh.members().controllerEpoch();
        }
    };

    /** Null until there is a way to other brokers. */
    private ControllerCalls calls;

    private Deaths deaths;
    /** The newest controller that has called. */
    private int heardControllerEpoch = -1;
    /** Of the stop; null before. */
    private CompletableFuture<Void> leaving;

    private volatile Lease lease;
    private volatile PersistentClusterImage image;
    private volatile boolean closed;
    private final CompletableFuture<ZooKeeperSession> firstConnection = new CompletableFuture<>();
    private ZooKeeperSession session;
    /** A pass of the controller over the newest image is on its way. */
    private boolean passing;

    private boolean founded;
    private boolean connected;

    /**
     * @param connect as {@code zookeeper.connect}: hosts with ports and, if wanted, a chroot that is made if missing
     * @param connectionTimeoutMillis how long {@link #open} waits for ZooKeeper
     * @param logDirectories where {@code meta.properties} stands
     * @param file the broker's settings; what was set at run time is taken from the image
     */
    public record Settings(
            String connect,
            int sessionTimeoutMillis,
            int connectionTimeoutMillis,
            int brokerId,
            List<Path> logDirectories,
            BrokerSettings file) {}

    /**
     * Connects, checks that the log directories belong to the cluster, reads everything. Blocks; for the start of a
     * broker.
     *
     * @throws MetadataException with WRONG_CLUSTER, DUPLICATE_BROKER or UNAVAILABLE, and a text for the user
     */
    public static ZooKeeperMetadataStore open(Settings settings, Clock clock) throws IOException {
        NodeIdentity known = NodeIdentity.read(settings.logDirectories(), settings.brokerId());
        ZooKeeperSession.Sessions sessions = (executor, listener) ->
                new ClientSession(settings.connect(), settings.sessionTimeoutMillis(), executor, listener);
        ZooKeeperMetadataStore store = new ZooKeeperMetadataStore(
                settings, clock, new MetadataThread(), sessions, known.instance(), ZooKeeperMetadataStore::topicId);
        try {
            store.thread.execute(store::connect);
            ZooKeeperSession session =
                    store.within(store.firstConnection, "ZooKeeper at " + settings.connect() + " cannot be reached");
            String cluster = ClusterFoundation.lay(((ClientSession) session).client(), settings, known.clusterId());
            known.join(cluster, settings.logDirectories());
            store.thread.execute(() -> store.found(cluster));
            store.within(
                    store.refresh.firstLoad(), "The cluster could not be read from ZooKeeper at " + settings.connect());
            return store;
        } catch (IOException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    /**
     * @param thread serial; all state of the store belongs to it
     * @param instance of the log directories
     * @param ids gives topic ids
     */
    ZooKeeperMetadataStore(
            Settings settings,
            Clock clock,
            Owner thread,
            ZooKeeperSession.Sessions sessions,
            String instance,
            Supplier<UUID> ids) {
        this.ids = ids;
        this.settings = settings;
        this.clock = clock;
        this.image = PersistentClusterImage.empty("");
        this.thread = thread;
        this.sessions = sessions;
        this.changes = new ChangeQueue(this);
        this.controller = new Controller(this);
        this.membership = new Membership(this, settings.brokerId(), instance);
        this.refresh = new Refresh(this, settings.brokerId());
        this.producerIds = new ProducerIds(this);
    }

    /** As {@link #open}, in a cluster that is laid already, and without waiting. For the simulation. */
    void begin(String clusterId) {
        thread.execute(() -> {
            found(clusterId);
            connect();
        });
    }

    /** Done when everything was read once. */
    CompletableFuture<Void> firstLoad() {
        return refresh.firstLoad();
    }

    private <T> T within(CompletableFuture<T> step, String failure) throws IOException {
        try {
            return step.get(settings.connectionTimeoutMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while connecting to ZooKeeper", e);
        } catch (ExecutionException e) {
            throw new MetadataException(
                    Reason.UNAVAILABLE, failure + ": " + e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new MetadataException(
                    Reason.UNAVAILABLE,
                    failure + " within " + settings.connectionTimeoutMillis()
                            + " ms (zookeeper.connect, zookeeper.connection.timeout.ms)",
                    e);
        }
    }

    /** The cluster is known to be ours: from here on its state is followed. */
    private void found(String clusterId) {
        image = PersistentClusterImage.empty(clusterId);
        founded = true;
        tick();
        balanceLater();
        renewLease();
        if (connected) {
            follow(session);
        }
    }

    private void balanceLater() {
        long seconds = settingsNow().longValue("leader.imbalance.check.interval.seconds");
        after(TimeUnit.SECONDS.toMillis(seconds), () -> {
            if (!closed) {
                BrokerSettings now = settingsNow();
                if (now.flag("auto.leader.rebalance.enable")) {
                    controller.balance(now.intValue("leader.imbalance.per.broker.percentage"));
                }
                balanceLater();
            }
        });
    }

    private void tick() {
        if (!closed) {
            changes.expire(clock.nanos());
            after(TICK_MILLIS, this::tick);
        }
    }

    /**
     * The session lives for its time-out after the server heard of us, and so after we sent what it has answered. A
     * tenth is taken off: clocks drift, and a server of an ensemble may die before it has told what it heard.
     */
    private void renewLease() {
        if (closed) {
            return;
        }
        int timeoutMillis = session == null ? 0 : session.timeoutMillis();
        if (connected) {
            ZooKeeperSession renewed = session;
            long sentNanos = clock.nanos();
            ClusterLoader.read(renewed, List.of(ZNodes.CONTROLLER_EPOCH)).whenComplete((found, failure) -> {
                if (failure == null && renewed == session && !found.isEmpty()) {
                    lease = new Lease(sentNanos + TimeUnit.MILLISECONDS.toNanos(timeoutMillis - timeoutMillis / 10));
                }
            });
        }
        after(
                Math.max(20, (timeoutMillis == 0 ? settings.sessionTimeoutMillis() : timeoutMillis) / RENEWALS),
                this::renewLease);
    }

    @Override
    public PersistentClusterImage image() {
        return image;
    }

    @Override
    public void subscribe(Consumer<ClusterImage> listener) {
        thread.execute(() -> {
            listeners.add(listener);
            listener.accept(image);
        });
    }

    @Override
    public CompletionStage<Void> register(BrokerImage broker) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            CompletableFuture<Void> registered = membership.register(broker);
                            rereadMembers();
                            return registered;
                        },
                        thread)
                .thenCompose(registered -> registered);
    }

    @Override
    public CompletionStage<TopicImage> createTopic(NewTopic topic) {
        return submit(new Change.CreateTopic(withReplicas(topic), ids.get(), deadlineNanos()));
    }

    private NewTopic withReplicas(NewTopic topic) {
        if (topic.replicationFactor() != -1 || topic.assignments() != null) {
            return topic;
        }
        BrokerSettings now = settingsNow();
        String internal = TopicNames.internal(topic.name()) ? now.value("offsets.topic.replication.factor") : null;
        return new NewTopic(
                topic.name(),
                topic.partitions(),
                internal == null
                        ? (short) now.intValue("default.replication.factor")
                        : Short.parseShort(internal.trim()),
                null,
                topic.config());
    }

    @Override
    public CompletionStage<Void> deleteTopic(UUID id) {
        return submit(new Change.DeleteTopic(id, deadlineNanos()));
    }

    @Override
    public CompletionStage<TopicImage> createPartitions(UUID id, int total, List<List<Integer>> assignments) {
        return submit(new Change.GrowTopic(id, total, assignments, deadlineNanos()));
    }

    @Override
    public CompletionStage<Void> alterTopicConfig(UUID id, Map<String, String> config) {
        return submit(new Change.ConfigureTopic(id, config, deadlineNanos()));
    }

    @Override
    public CompletionStage<Void> alterBrokerConfig(int brokerId, Map<String, String> config) {
        return submit(new Change.ConfigureBroker(brokerId, config, deadlineNanos()));
    }

    @Override
    public Map<String, String> brokerConfig(int brokerId) {
        return image.brokerConfig(brokerId);
    }

    @Override
    public CompletionStage<PartitionImage> changeIsr(UUID topicId, int partition, IsrChange change) {
        return submit(new Change.ChangeIsr(topicId, partition, change, lives, deadlineNanos()));
    }

    @Override
    public CompletionStage<Void> update(UpdatePartitionsRequest request) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        post(() -> update(request, future), future);
        return future;
    }

    private void update(UpdatePartitionsRequest request, CompletableFuture<Void> future) {
        Members members = refresh.members();
        int known = Math.max(heardControllerEpoch, members == null ? -1 : members.controllerEpoch());
        BrokerImage self = image.broker(settings.brokerId()).orElse(null);
        if (request.controllerEpoch() < known) {
            future.completeExceptionally(new MetadataException(
                    Reason.STALE,
                    "controller epoch " + request.controllerEpoch() + " of broker " + request.controllerId()
                            + " is over; " + known + " is known"));
        } else if (self == null || self.epoch() != request.brokerEpoch()) {
            future.completeExceptionally(new MetadataException(
                    Reason.STALE,
                    "broker epoch " + request.brokerEpoch() + " is not that of this life, "
                            + (self == null ? "which is not registered" : self.epoch())));
        } else {
            heardControllerEpoch = request.controllerEpoch();
            apply(ControllerCalls.updates(request));
            future.complete(null);
        }
    }

    @Override
    public CompletionStage<Void> leave() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        post(
                () -> {
                    leaving = future;
                    membership.leave();
                    rereadMembers();
                    tellWhetherLeft();
                },
                future);
        return future;
    }

    private void tellWhetherLeft() {
        if (leaving == null
                || leaving.isDone()
                || !image.broker(settings.brokerId()).map(BrokerImage::leaving).orElse(false)) {
            return;
        }
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.replicated()
                        && partition.isr().contains(settings.brokerId())
                        && settled(image, topic, partition) != partition) {
                    return;
                }
            }
        }
        leaving.complete(null);
    }

    /** The way to other brokers, once it is there; a broker that has none learns everything from ZooKeeper. */
    public void use(PeerChannel channel) {
        thread.execute(() -> {
            calls = new ControllerCalls(settings.brokerId(), channel, thread);
            deaths = new Deaths(this, settings.brokerId(), channel);
            channel.watch(deaths);
            if (refresh.members() != null) {
                deaths.follow(refresh.members());
            }
        });
    }

    @Override
    public boolean aliveAt(long nanos) {
        Lease known = lease;
        return known != null && nanos - known.endNanos < 0;
    }

    @Override
    public CompletionStage<Long> allocateProducerIds(int count) {
        CompletableFuture<Long> future = new CompletableFuture<>();
        post(() -> producerIds.allocate(count, deadlineNanos(), future), future);
        return future;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        CompletableFuture<ZooKeeperSession> last = new CompletableFuture<>();
        post(
                () -> {
                    closed = true;
                    connected = false;
                    changes.close();
                    listeners.clear();
                    last.complete(session);
                },
                last);
        try {
            ZooKeeperSession open = last.get(settings.connectionTimeoutMillis(), TimeUnit.MILLISECONDS);
            if (open != null) {
                open.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the session with ZooKeeper was not closed; it expires by itself", e);
        }
        if (thread instanceof MetadataThread own) {
            own.shutdown();
        }
    }

    // What the parts of the store use, on its thread.

    ZooKeeperSession session() {
        return session;
    }

    /** True when ZooKeeper can be asked, the image is as new as the session, and this broker is registered with it. */
    boolean ready() {
        return connected && refresh.loaded() && membership.present(refresh.members(), session);
    }

    /** Null before the first reading. */
    Members members() {
        return refresh.members();
    }

    void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            // The store is closed: nobody needs it any more.
        }
    }

    boolean connected() {
        return connected;
    }

    /** This broker's epoch as the controller, -1 when it is not. */
    int controllerEpoch() {
        Members members = refresh.members();
        return members != null && session != null && members.controlledBy(session.id())
                ? members.controllerEpoch()
                : -1;
    }

    int controllerEpochVersion() {
        return refresh.members().controllerEpochVersion();
    }

    Set<String> deletionWishes() {
        return refresh.wishes().keySet();
    }

    long nowNanos() {
        return clock.nanos();
    }

    void publish(PersistentClusterImage next) {
        if (next == image) {
            return;
        }
        image = next.published();
        for (Consumer<ClusterImage> listener : listeners) {
            try {
                listener.accept(image);
            } catch (RuntimeException e) {
                LOG.error("a listener failed on a new image of the cluster", e);
            }
        }
        changes.imageChanged(image);
        if (!passing && refresh.members() != null) {
            passing = true;
            execute(() -> {
                passing = false;
                controller.pass(refresh.wishes());
                tellWhetherLeft();
            });
        }
    }

    /** {@code min.insync.replicas} that holds for a topic. */
    int minIsr(TopicImage topic) {
        return (int) TopicConfigs.number("min.insync.replicas", topic.config(), settingsNow());
    }

    /** The state that a partition should have, by the controller's rules; the same object when it has it. */
    PartitionImage settled(ClusterImage of, TopicImage topic, PartitionImage partition) {
        BrokerSettings now = settingsNow();
        return Election.settle(
                of,
                partition,
                (int) TopicConfigs.number("min.insync.replicas", topic.config(), now),
                Boolean.parseBoolean(TopicConfigs.value("unclean.leader.election.enable", topic.config(), now)));
    }

    private BrokerSettings settingsNow() {
        return settings.file().withDynamic(image.brokerConfig(-1), image.brokerConfig(settings.brokerId()));
    }

    /** Takes over states that were written, where they are newer than what is known. */
    void apply(Collection<StateUpdate> updates) {
        Map<UUID, TopicImage> changed = new LinkedHashMap<>();
        Map<UUID, List<PartitionImage>> partitions = new HashMap<>();
        for (StateUpdate update : updates) {
            PartitionKey key = update.key();
            TopicImage topic = image.topic(key.topicId()).orElse(null);
            if (topic == null || key.index() >= topic.partitions().size()) {
                refresh.topic(key.topic());
                continue;
            }
            List<PartitionImage> now =
                    partitions.computeIfAbsent(topic.id(), id -> new ArrayList<>(topic.partitions()));
            if (now.get(key.index()).version() < update.state().version()) {
                now.set(key.index(), membership.seenFromHere(update.state()));
                changed.put(topic.id(), topic);
            }
            refresh.wroteState(ZNodes.state(key.topic(), key.index()), update.zxid());
        }
        if (!changed.isEmpty()) {
            publish(image.withTopics(
                    changed.values().stream()
                            .map(topic -> new TopicImage(
                                    topic.name(), topic.id(), List.copyOf(partitions.get(topic.id())), topic.config()))
                            .toList(),
                    List.of()));
        }
    }

    void wroteState(StateUpdate update) {
        refresh.wroteState(ZNodes.state(update.key().topic(), update.key().index()), update.zxid());
    }

    /** The controller tells the others what it has written. Their watches tell them too, later. */
    void tell(List<StateUpdate> updates, int epoch) {
        if (calls != null) {
            calls.tell(image, updates, epoch);
        }
    }

    void rereadStates(Collection<PartitionKey> keys, Runnable afterwards) {
        refresh.states(keys, () -> after(RETRY_MILLIS, afterwards));
    }

    /**
     * What was read, except where {@code before} is newer: by a write or a call that overtook the reading. Leaderships
     * that an earlier life of this process had are left out.
     */
    TopicImage newest(PersistentClusterImage before, TopicImage read) {
        TopicImage known = before.topic(read.id()).orElse(null);
        List<PartitionImage> partitions = new ArrayList<>(read.partitions().size());
        for (PartitionImage partition : read.partitions()) {
            PartitionImage present =
                    known != null && partition.index() < known.partitions().size()
                            ? known.partitions().get(partition.index())
                            : partition;
            partitions.add(membership.seenFromHere(present.version() > partition.version() ? present : partition));
        }
        return new TopicImage(read.name(), read.id(), List.copyOf(partitions), read.config());
    }

    /** Leaderships of this life may have been read before it was known when it began; they are hidden, and read again. */
    void showLeaderships(long startEpoch) {
        for (TopicImage topic : image.topics()) {
            boolean hidden = topic.partitions().stream()
                    .anyMatch(partition -> partition.replicated()
                            && partition.leader() < 0
                            && partition.stamps().getOrDefault(settings.brokerId(), -1L) >= startEpoch);
            if (hidden) {
                refresh.topic(topic.name());
            }
        }
    }

    /** What was written from here must not be taken back by a reading that began before. */
    void wroteHere(String topic) {
        refresh.wroteHere(topic);
    }

    NodeVersions versions() {
        return refresh.versions();
    }

    void reread(String topic) {
        refresh.topic(topic);
    }

    void rereadMembers() {
        refresh.changed(ZNodes.CONTROLLER);
    }

    void rereadAll() {
        refresh.everything();
    }

    /** After each reading: there may be something to do. */
    void refreshed() {
        membership.ensure(refresh.members(), session);
        if (deaths != null) {
            deaths.follow(refresh.members());
        }
        controller.pass(refresh.wishes());
        changes.refreshed();
    }

    /** A wish for deletion that another broker left. */
    void fulfil(String topic, UUID id) {
        if (refresh.takeUp(topic)) {
            if (image.topic(id).isPresent()) {
                changes.add(new Change.DeleteTopic(id, deadlineNanos()));
            } else {
                session.change(
                                new Writes()
                                        .check(ZNodes.CONTROLLER_EPOCH, controllerEpochVersion())
                                        .delete(ZNodes.deletion(topic), -1)
                                        .operations(),
                                () -> {})
                        .whenComplete((results, failure) -> refresh.changed(ZNodes.deletion(topic)));
            }
        }
    }

    void after(long millis, Runnable task) {
        try {
            thread.schedule(task, TimeUnit.MILLISECONDS.toNanos(millis));
        } catch (RejectedExecutionException e) {
            // The store is closed: nobody needs it any more.
        }
    }

    // The session's events.

    @Override
    public void connected(ZooKeeperSession from) {
        if (from != session || closed) {
            return;
        }
        connected = true;
        firstConnection.complete(from);
        if (founded) {
            follow(from);
        }
    }

    private void follow(ZooKeeperSession from) {
        // A watch tells nothing of what happened while the connection was gone.
        from.watchAll().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.debug("the watch was not set: {}", failure.getMessage());
            } else if (from == session) {
                refresh.everything();
            }
        });
    }

    @Override
    public void disconnected(ZooKeeperSession from) {
        if (from == session) {
            connected = false;
            LOG.warn("the connection to ZooKeeper at {} is lost; trying again", settings.connect());
        }
    }

    @Override
    public void expired(ZooKeeperSession from) {
        if (from == session && !closed) {
            LOG.warn("session 0x{} with ZooKeeper has expired; beginning another", Long.toHexString(from.id()));
            connected = false;
            from.close();
            controller.sessionEnded();
            connect();
        }
    }

    @Override
    public boolean known(WatchedEvent event) {
        return changes.known(event);
    }

    @Override
    public void changed(WatchedEvent event) {
        refresh.changed(event);
    }

    private void connect() {
        try {
            session = sessions.open(thread, this);
        } catch (IOException | RuntimeException e) {
            // A name that does not resolve now may do so later.
            LOG.warn("no session with ZooKeeper at {}: {}", settings.connect(), e.getMessage());
            after(RECONNECT_MILLIS, this::connect);
        }
    }

    private <T> CompletionStage<T> submit(Change<T> change) {
        post(() -> changes.add(change), change.future);
        return change.future;
    }

    private void post(Runnable task, CompletableFuture<?> future) {
        try {
            thread.execute(() -> {
                if (closed) {
                    future.completeExceptionally(
                            new MetadataException(Reason.UNAVAILABLE, "The metadata store is closed"));
                } else {
                    task.run();
                }
            });
        } catch (RejectedExecutionException e) {
            future.completeExceptionally(new MetadataException(Reason.UNAVAILABLE, "The metadata store is closed", e));
        }
    }

    private long deadlineNanos() {
        return clock.nanos() + TimeUnit.SECONDS.toNanos(CHANGE_TIMEOUT_SECONDS);
    }

    /** Random; without the leading '-' that Kafka's text form of an id would turn into an option of its tools. */
    private static UUID topicId() {
        UUID id;
        do {
            id = UUID.randomUUID();
        } while (id.getMostSignificantBits() >>> 58 == 62);
        return id;
    }
}
