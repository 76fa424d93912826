package io.penstock.broker.replication;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.broker.metadata.IsrChange;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.protocol.message.UpdatePartitionsRequest;
import io.penstock.storage.simulation.SimulatedTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * ZooKeeper and the controller in one, with sessions: brokers see its images late, their writes take time, and who is
 * not heard of for {@link #SESSION_NANOS} is taken for dead.
 */
final class SimulatedAuthority {
    static final long SESSION_NANOS = 800_000_000L;
    private static final long HEARTBEAT_NANOS = 150_000_000L;
    private static final long DELAY_NANOS = 4_000_000L;

    private final SimulatedTime time;
    private final InMemoryMetadataStore store;
    private final Map<Integer, View> views = new HashMap<>();
    private final boolean forgetsBrokerEpochs;
    /** Asked with the broker that is to be added to the ISR, and the leader that asks: true when the write takes long. */
    private BiPredicate<Integer, Integer> adversary = (added, leader) -> false;

    SimulatedAuthority(SimulatedTime time, UUID topicId, boolean forgetsBrokerEpochs) {
        this.time = time;
        this.store = new InMemoryMetadataStore("simulated", Runnable::run, () -> topicId);
        this.forgetsBrokerEpochs = forgetsBrokerEpochs;
        expire();
    }

    InMemoryMetadataStore store() {
        return store;
    }

    void adversary(BiPredicate<Integer, Integer> evil) {
        adversary = evil;
    }

    PartitionImage partition() {
        return store.image().topics().iterator().next().partitions().get(0);
    }

    private void expire() {
        for (View each : new ArrayList<>(views.values())) {
            if (each.registered && time.nanos() - each.seenNanos > SESSION_NANOS) {
                each.registered = false;
                store.unregister(each.brokerId);
            }
        }
        time.after(SESSION_NANOS / 8, this::expire);
    }

    View join(int brokerId, boolean clean, PausableOwner process) {
        View view = new View(brokerId, clean, process);
        View before = views.put(brokerId, view);
        if (before != null) {
            before.dead = true;
        }
        view.begin();
        return view;
    }

    /** The process is dead; its session is not yet. */
    void died(int brokerId) {
        views.get(brokerId).dead = true;
    }

    /** What one life of a broker sees. */
    final class View implements MetadataStore {
        private final int brokerId;
        private final boolean clean;
        private final PausableOwner process;
        private final List<Consumer<ClusterImage>> listeners = new ArrayList<>();
        private ClusterImage image;
        /** Until its own registration is seen, it leads nothing by the word of an earlier life. */
        private long ownEpoch = -1;

        private long seenNanos;
        private long leaseUntilNanos;
        private final ArrayDeque<Runnable> inbox = new ArrayDeque<>();
        private long cutUntilNanos;
        private boolean registered;
        private boolean everRegistered;
        private boolean dead;

        View(int brokerId, boolean clean, PausableOwner process) {
            this.brokerId = brokerId;
            this.clean = clean;
            this.process = process;
            this.image = new Image(store.image(), brokerId);
        }

        void begin() {
            store.subscribe(next -> deliver(() -> show(next)));
            heartbeat();
        }

        boolean isCut() {
            return cutUntilNanos > time.nanos();
        }

        void cut(long nanos) {
            cutUntilNanos = time.nanos() + nanos;
        }

        /** Something arrives from the authority, in order. */
        private void deliver(Runnable task) {
            inbox.add(task);
            time.after(time.random().nextLong(DELAY_NANOS), this::drain);
        }

        private void drain() {
            if (dead || inbox.isEmpty()) {
                return;
            }
            if (isCut()) {
                time.after(cutUntilNanos - time.nanos() + 1, this::drain);
                return;
            }
            while (!inbox.isEmpty() && !dead) {
                Runnable task = inbox.poll();
                if (process.paused()) {
                    process.execute(task);
                } else {
                    task.run();
                }
            }
        }

        private void show(ClusterImage next) {
            image = new Image(next, ownEpoch >= 0 ? -1 : brokerId);
            listeners.forEach(listener -> listener.accept(image));
        }

        private void heartbeat() {
            if (dead) {
                return;
            }
            if (!isCut() && !process.paused()) {
                long sent = time.nanos();
                time.after(time.random().nextLong(DELAY_NANOS), () -> {
                    if (dead) {
                        return;
                    }
                    seenNanos = time.nanos();
                    if (!registered) {
                        registered = true;
                        boolean says = everRegistered || clean;
                        everRegistered = true;
                        store.register(new BrokerImage(brokerId, 0, "host", 1, null, says));
                        ownEpoch = store.image().broker(brokerId).orElseThrow().epoch();
                    }
                    leaseUntilNanos = sent + SESSION_NANOS;
                });
            }
            time.after(HEARTBEAT_NANOS, this::heartbeat);
        }

        @Override
        public ClusterImage image() {
            return image;
        }

        @Override
        public void subscribe(Consumer<ClusterImage> listener) {
            listeners.add(listener);
            listener.accept(image);
        }

        @Override
        public CompletionStage<PartitionImage> changeIsr(UUID topicId, int partition, IsrChange change) {
            CompletableFuture<PartitionImage> done = new CompletableFuture<>();
            boolean slow = time.random().nextInt(8) == 0;
            boolean held = change.addedBrokerEpochs().keySet().stream()
                    .findFirst()
                    .map(added -> adversary.test(added, brokerId))
                    .orElse(false);
            long delay = held ? SESSION_NANOS / 2 : time.random().nextLong(slow ? 1_500_000_000L : DELAY_NANOS);
            boolean lostBefore = !held && isCut() && time.random().nextBoolean();
            time.after(delay, () -> {
                if (lostBefore || !held && dead && slow && time.random().nextBoolean()) {
                    answer(done, null, new MetadataException(MetadataException.Reason.UNAVAILABLE, "lost"));
                    return;
                }
                store.changeIsr(topicId, partition, withEpochs(change)).whenComplete((after, failure) -> {
                    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
                    if (isCut() || time.random().nextInt(20) == 0) {
                        answer(done, null, new MetadataException(MetadataException.Reason.UNAVAILABLE, "no answer"));
                    } else {
                        answer(done, after, cause);
                    }
                });
            });
            return done;
        }

        private IsrChange withEpochs(IsrChange change) {
            if (!forgetsBrokerEpochs) {
                return change;
            }
            Map<Integer, Long> now = new HashMap<>();
            change.addedBrokerEpochs()
                    .keySet()
                    .forEach(id -> now.put(
                            id, store.image().broker(id).map(BrokerImage::epoch).orElse(0L)));
            return new IsrChange(change.leaderEpoch(), change.version(), change.isr(), change.eligible(), now);
        }

        /** Behind the images that led to it. */
        private void answer(CompletableFuture<PartitionImage> done, PartitionImage after, Throwable failure) {
            deliver(() -> {
                if (failure == null) {
                    done.complete(after);
                } else {
                    done.completeExceptionally(failure);
                }
            });
        }

        @Override
        public boolean aliveAt(long nanos) {
            return nanos < leaseUntilNanos;
        }

        @Override
        public CompletionStage<PartitionImage> electLeader(UUID topicId, int partition, boolean unclean) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<PartitionImage> reassign(UUID topicId, int partition, List<Integer> replicas) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> register(BrokerImage broker) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> update(UpdatePartitionsRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> leave() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<TopicImage> createTopic(NewTopic topic) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> deleteTopic(UUID id) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<TopicImage> createPartitions(UUID id, int total, List<List<Integer>> assignments) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> alterTopicConfig(UUID id, Map<String, String> changes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletionStage<Void> alterBrokerConfig(int brokerId, Map<String, String> changes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Map<String, String> brokerConfig(int broker) {
            return Map.of();
        }

        @Override
        public CompletionStage<Long> allocateProducerIds(int count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            dead = true;
        }
    }

    /** An image in which a broker does not lead what it led in an earlier life. */
    private record Image(ClusterImage inner, int leadsNothing) implements ClusterImage {
        private TopicImage masked(TopicImage topic) {
            PartitionImage partition = topic.partitions().get(0);
            return partition.leader() == leadsNothing ? topic.withPartition(partition.withoutLeader()) : topic;
        }

        @Override
        public String clusterId() {
            return inner.clusterId();
        }

        @Override
        public int controllerId() {
            return inner.controllerId();
        }

        @Override
        public Collection<BrokerImage> brokers() {
            return inner.brokers();
        }

        @Override
        public Collection<TopicImage> topics() {
            return inner.topics().stream().map(this::masked).toList();
        }

        @Override
        public Optional<TopicImage> topic(String name) {
            return inner.topic(name).map(this::masked);
        }

        @Override
        public Optional<TopicImage> topic(UUID id) {
            return inner.topic(id).map(this::masked);
        }

        @Override
        public Optional<BrokerImage> broker(int id) {
            return inner.broker(id);
        }

        @Override
        public Optional<TopicImage> colliding(String name) {
            return inner.colliding(name);
        }

        @Override
        public Map<String, String> brokerConfig(int brokerId) {
            return inner.brokerConfig(brokerId);
        }
    }
}
