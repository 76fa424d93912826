package io.penstock.broker.metadata;

import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.protocol.message.UpdatePartitionsRequest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The authority in memory, for one broker: the simulation's metadata port, and what tests use. It decides as the real
 * one does ({@link TopicPlan}), one call after another on the executor that is given, which must be serial.
 */
public final class InMemoryMetadataStore implements MetadataStore {
    private final Executor executor;
    private final Supplier<UUID> ids;
    private final List<Consumer<ClusterImage>> listeners = new ArrayList<>();
    private volatile PersistentClusterImage image;
    private final Map<Integer, BrokerImage> lastLives = new HashMap<>();
    private volatile boolean alive = true;
    private long nextProducerId;
    private boolean closed;

    /** Runs on the callers' threads, one at a time; topic ids are random. */
    public InMemoryMetadataStore(String clusterId) {
        this(clusterId, UUID::randomUUID);
    }

    /** Runs on the callers' threads, one at a time. */
    public InMemoryMetadataStore(String clusterId, Supplier<UUID> ids) {
        this(clusterId, new CallerExecutor(), ids);
    }

    /**
     * @param executor serial; where listeners are called and completions come
     * @param ids gives topic ids, so that a simulation can repeat them
     */
    public InMemoryMetadataStore(String clusterId, Executor executor, Supplier<UUID> ids) {
        this.image = PersistentClusterImage.empty(clusterId);
        this.executor = executor;
        this.ids = ids;
    }

    @Override
    public ClusterImage image() {
        return image;
    }

    @Override
    public void subscribe(Consumer<ClusterImage> listener) {
        executor.execute(() -> {
            listeners.add(listener);
            listener.accept(image);
        });
    }

    @Override
    public CompletionStage<Void> register(BrokerImage broker) {
        return call(() -> {
            BrokerImage last = lastLives.get(broker.id());
            BrokerImage registered = broker.registered(
                    (last == null ? broker.epoch() : last.epoch()) + 1,
                    true,
                    -1,
                    last == null ? -1 : last.uncleanEpoch());
            lastLives.put(broker.id(), registered);
            List<BrokerImage> live = new ArrayList<>(image.brokers());
            live.removeIf(other -> other.id() == broker.id());
            live.add(registered);
            PersistentClusterImage next = image.withBrokers(live);
            publish(settled(next.controllerId() < 0 ? next.withController(broker.id()) : next));
            return null;
        });
    }

    /** The death of a broker, as the authority sees it: other replicas lead. */
    public CompletionStage<Void> unregister(int brokerId) {
        return call(() -> {
            List<BrokerImage> live = new ArrayList<>(image.brokers());
            live.removeIf(other -> other.id() == brokerId);
            publish(settled(image.withBrokers(live)));
            return null;
        });
    }

    private PersistentClusterImage settled(PersistentClusterImage next) {
        List<TopicImage> changed = new ArrayList<>();
        for (TopicImage topic : next.topics()) {
            List<PartitionImage> partitions = new ArrayList<>();
            for (PartitionImage partition : topic.partitions()) {
                PartitionImage after = Election.settle(next, partition, minIsr(topic), false);
                if (after == partition) {
                    after = Reassignment.complete(next, partition, minIsr(topic))
                            .orElse(partition);
                }
                partitions.add(after == partition ? partition : after.withVersion(partition.version() + 1));
            }
            changed.add(new TopicImage(topic.name(), topic.id(), List.copyOf(partitions), topic.config()));
        }
        return next.withTopics(changed, List.of());
    }

    @Override
    public CompletionStage<PartitionImage> changeIsr(UUID topicId, int partition, IsrChange change) {
        return call(() -> {
            TopicImage topic = existing(topicId);
            PartitionImage after = IsrPlan.change(image, topic.partitions().get(partition), change);
            publish(settled(image.withTopic(topic.withPartition(after))));
            return after;
        });
    }

    @Override
    public CompletionStage<PartitionImage> electLeader(UUID topicId, int partition, boolean unclean) {
        return change(topicId, partition, now -> Election.elect(image, now, minIsr(existing(topicId)), unclean));
    }

    @Override
    public CompletionStage<PartitionImage> reassign(UUID topicId, int partition, List<Integer> replicas) {
        return change(
                topicId,
                partition,
                now -> replicas == null ? Reassignment.cancel(image, now) : Reassignment.begin(image, now, replicas));
    }

    private CompletionStage<PartitionImage> change(UUID topicId, int index, UnaryOperator<PartitionImage> how) {
        return call(() -> {
            TopicImage topic = existing(topicId);
            PartitionImage now = topic.partitions().get(index);
            PartitionImage after = how.apply(now).withVersion(now.version() + 1);
            publish(settled(image.withTopic(topic.withPartition(after))));
            return after;
        });
    }

    private static int minIsr(TopicImage topic) {
        return Integer.parseInt(topic.config().getOrDefault("min.insync.replicas", "1"));
    }

    /** There is no other controller that could call. */
    @Override
    public CompletionStage<Void> update(UpdatePartitionsRequest request) {
        return CompletableFuture.failedFuture(
                new MetadataException(Reason.STALE, "no controller calls where the authority is in memory"));
    }

    @Override
    public CompletionStage<Void> leave() {
        return call(() -> null);
    }

    @Override
    public boolean aliveAt(long nanos) {
        return alive;
    }

    /** Lets the lease of the session run out, or begin again. */
    public void setAlive(boolean now) {
        alive = now;
    }

    @Override
    public CompletionStage<TopicImage> createTopic(NewTopic topic) {
        return call(() -> {
            NewTopic wanted = topic.assignments() == null
                    ? new NewTopic(
                            topic.name(),
                            topic.partitions() == -1 ? 1 : topic.partitions(),
                            topic.replicationFactor() == -1 ? 1 : topic.replicationFactor(),
                            null,
                            topic.config())
                    : topic;
            TopicImage created = TopicPlan.create(image, wanted, ids.get());
            publish(image.withTopic(created));
            return created;
        });
    }

    @Override
    public CompletionStage<Void> deleteTopic(UUID id) {
        return call(() -> {
            publish(image.withTopics(List.of(), List.of(existing(id).name())));
            return null;
        });
    }

    @Override
    public CompletionStage<TopicImage> createPartitions(UUID id, int total, List<List<Integer>> assignments) {
        return call(() -> {
            TopicImage grown = TopicPlan.grow(image, existing(id), total, assignments);
            publish(image.withTopic(grown));
            return grown;
        });
    }

    @Override
    public CompletionStage<Void> alterTopicConfig(UUID id, Map<String, String> changes) {
        return call(() -> {
            publish(image.withTopic(TopicPlan.configure(existing(id), changes)));
            return null;
        });
    }

    @Override
    public CompletionStage<Void> alterBrokerConfig(int brokerId, Map<String, String> changes) {
        return call(() -> {
            publish(image.withBrokerConfig(brokerId, TopicPlan.changed(image.brokerConfig(brokerId), changes)));
            return null;
        });
    }

    @Override
    public Map<String, String> brokerConfig(int brokerId) {
        return image.brokerConfig(brokerId);
    }

    @Override
    public CompletionStage<Long> allocateProducerIds(int count) {
        return call(() -> {
            long first = nextProducerId;
            nextProducerId += count;
            return first;
        });
    }

    @Override
    public void close() {
        executor.execute(() -> {
            closed = true;
            listeners.clear();
        });
    }

    private TopicImage existing(UUID id) {
        return image.topic(id)
                .orElseThrow(() -> new MetadataException(Reason.UNKNOWN_TOPIC, "There is no topic with id " + id));
    }

    private void publish(PersistentClusterImage next) {
        if (next != image) {
            PersistentClusterImage published = next.published();
            image = published;
            listeners.forEach(listener -> listener.accept(published));
        }
    }

    private <T> CompletionStage<T> call(Supplier<T> work) {
        CompletableFuture<T> future = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                if (closed) {
                    throw new MetadataException(Reason.UNAVAILABLE, "The metadata store is closed");
                }
                future.complete(work.get());
            } catch (RuntimeException e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    /** Runs tasks on the calling thread, never two at a time and never one inside another. */
    private static final class CallerExecutor implements Executor {
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private boolean running;

        @Override
        public void execute(Runnable task) {
            synchronized (tasks) {
                tasks.add(task);
                if (running) {
                    return;
                }
                running = true;
            }
            while (true) {
                Runnable next;
                synchronized (tasks) {
                    next = tasks.poll();
                    if (next == null) {
                        running = false;
                        return;
                    }
                }
                boolean done = false;
                try {
                    next.run();
                    done = true;
                } finally {
                    if (!done) {
                        synchronized (tasks) {
                            running = false;
                        }
                    }
                }
            }
        }
    }
}
