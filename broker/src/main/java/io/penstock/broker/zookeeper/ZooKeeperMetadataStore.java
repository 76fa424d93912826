package io.penstock.broker.zookeeper;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.IsrChange;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.protocol.message.UpdatePartitionsRequest;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
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
public final class ZooKeeperMetadataStore implements MetadataStore {
    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperMetadataStore.class);

    private static final long TICK_MILLIS = 500;
    private static final long CHANGE_TIMEOUT_SECONDS = 20;
    private static final long RETRY_MILLIS = 10;

    private final Settings settings;
    private final Clock clock;
    private final Owner thread;
    private final Supplier<UUID> ids;
    private final LiveImage live;
    private final ControllerRules rules;
    private final SessionLink link;
    private final Departure departure;
    private final ChangeQueue changes;
    private final Controller controller;
    private final Membership membership;
    private final Refresh refresh;
    private final ProducerIds producerIds;
    private final ClientIds clientIds;

    private final StateChange.Lives lives = new StateChange.Lives() {
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

    private volatile boolean closed;
    /** A pass of the controller over the newest image is on its way. */
    private boolean passing;

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
        StoreOpening opening = new StoreOpening(settings.connectionTimeoutMillis());
        try {
            store.thread.execute(store.link::connect);
            ZooKeeperSession session =
                    opening.within(store.link.first(), "ZooKeeper at " + settings.connect() + " cannot be reached");
            String cluster = ClusterFoundation.lay(((ClientSession) session).client(), settings, known.clusterId());
            known.join(cluster, settings.logDirectories());
            store.thread.execute(() -> store.found(cluster));
            opening.within(
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
        this.thread = thread;
        this.link = new SessionLink(this, sessions, thread, clock, settings);
        this.changes = new ChangeQueue(this);
        this.controller = new Controller(this);
        this.membership = new Membership(this, settings.brokerId(), instance);
        this.live = new LiveImage(membership::seenFromHere);
        this.rules = new ControllerRules(settings.file(), live::now);
        this.departure = new Departure(settings.brokerId(), rules);
        this.refresh = new Refresh(this, settings.brokerId());
        this.producerIds = new ProducerIds(this);
        this.clientIds = new ClientIds(this, settings.brokerId());
    }

    /** As {@link #open}, in a cluster that is laid already, and without waiting. For the simulation. */
    void begin(String clusterId) {
        thread.execute(() -> {
            found(clusterId);
            link.connect();
        });
    }

    /** Done when everything was read once. */
    CompletableFuture<Void> firstLoad() {
        return refresh.firstLoad();
    }

    /** The cluster is known to be ours: from here on its state is followed. */
    private void found(String clusterId) {
        live.begin(clusterId);
        tick();
        balanceLater();
        link.follow();
    }

    private void balanceLater() {
        long seconds = rules.settings().longValue("leader.imbalance.check.interval.seconds");
        after(TimeUnit.SECONDS.toMillis(seconds), () -> {
            if (!closed) {
                BrokerSettings now = rules.settings();
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

    @Override
    public PersistentClusterImage image() {
        return live.now();
    }

    @Override
    public void subscribe(Consumer<ClusterImage> listener) {
        thread.execute(() -> live.subscribe(listener));
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
        return submit(new Change.CreateTopic(rules.withDefaults(topic), ids.get(), deadlineNanos()));
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
        return image().brokerConfig(brokerId);
    }

    @Override
    public CompletionStage<PartitionImage> changeIsr(UUID topicId, int partition, IsrChange change) {
        return submit(new StateChange.ChangeIsr(topicId, partition, change, lives, deadlineNanos()));
    }

    @Override
    public CompletionStage<PartitionImage> electLeader(UUID topicId, int partition, boolean unclean) {
        return submit(new StateChange.ElectLeader(topicId, partition, unclean, rules, lives, deadlineNanos()));
    }

    @Override
    public CompletionStage<PartitionImage> reassign(UUID topicId, int partition, List<Integer> replicas) {
        return submit(new StateChange.Reassign(topicId, partition, replicas, lives, deadlineNanos()));
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
        BrokerImage self = image().broker(settings.brokerId()).orElse(null);
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
                    departure.begin(future);
                    membership.leave();
                    rereadMembers();
                    departure.follow(image());
                },
                future);
        return future;
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
        return link.aliveAt(nanos);
    }

    @Override
    public CompletionStage<Long> allocateProducerIds(int count) {
        CompletableFuture<Long> future = new CompletableFuture<>();
        post(() -> producerIds.allocate(count, deadlineNanos(), future), future);
        return future;
    }

    @Override
    public CompletionStage<byte[]> shareSecret(byte[] proposed) {
        CompletableFuture<byte[]> future = new CompletableFuture<>();
        post(() -> new ClusterSecret(this).share(proposed, deadlineNanos(), future), future);
        return future;
    }

    @Override
    public CompletionStage<Boolean> claimClientId(String clientId, long connection) {
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        post(() -> clientIds.claim(clientId, connection, deadlineNanos(), future), future);
        return future;
    }

    @Override
    public void releaseClientId(String clientId, long connection) {
        execute(() -> clientIds.release(clientId, connection, deadlineNanos()));
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
                    changes.close();
                    live.close();
                    last.complete(link.end());
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
        return link.session();
    }

    /** True when ZooKeeper can be asked, the image is as new as the session, and this broker is registered with it. */
    boolean ready() {
        return link.connected() && refresh.loaded() && membership.present(refresh.members(), session());
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
        return link.connected();
    }

    /** This broker's epoch as the controller, -1 when it is not. */
    int controllerEpoch() {
        Members members = refresh.members();
        return members != null
                        && session() != null
                        && members.controlledBy(session().id())
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
        if (!live.publish(next)) {
            return;
        }
        changes.imageChanged(image());
        if (!passing && refresh.members() != null) {
            passing = true;
            execute(() -> {
                passing = false;
                controller.pass(refresh.wishes());
                departure.follow(image());
            });
        }
    }

    ControllerRules rules() {
        return rules;
    }

    /** Takes over states that were written, where they are newer than what is known. */
    void apply(Collection<StateUpdate> updates) {
        publish(live.with(updates, refresh::topic, this::wroteState));
    }

    void wroteState(StateUpdate update) {
        refresh.wroteState(ZNodes.state(update.key().topic(), update.key().index()), update.zxid());
    }

    /** The controller tells the others what it has written. Their watches tell them too, later. */
    void tell(List<StateUpdate> updates, int epoch) {
        if (calls != null) {
            calls.tell(image(), updates, epoch);
        }
    }

    void rereadStates(Collection<PartitionKey> keys, Runnable afterwards) {
        refresh.states(keys, () -> after(RETRY_MILLIS, afterwards));
    }

    TopicImage newest(PersistentClusterImage before, TopicImage read) {
        return live.newest(before, read);
    }

    /** Leaderships of this life may have been read before it was known when it began; they are hidden, and read again. */
    void showLeaderships(long startEpoch) {
        live.hiddenLeaderships(settings.brokerId(), startEpoch).forEach(refresh::topic);
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
        membership.ensure(refresh.members(), session());
        if (deaths != null) {
            deaths.follow(refresh.members());
        }
        controller.pass(refresh.wishes());
        changes.refreshed();
    }

    /** A wish for deletion that another broker left. */
    void fulfil(String topic, UUID id) {
        if (refresh.takeUp(topic)) {
            if (image().topic(id).isPresent()) {
                changes.add(new Change.DeleteTopic(id, deadlineNanos()));
            } else {
                session()
                        .change(
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

    // What its session tells.

    boolean known(WatchedEvent event) {
        return changes.known(event);
    }

    void changed(WatchedEvent event) {
        refresh.changed(event);
    }

    void sessionEnded() {
        controller.sessionEnded();
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
