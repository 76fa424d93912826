package io.penstock.broker.group;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partitions;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The groups of this broker: finds the shard of a group, loads shards of partitions that this broker leads, and closes
 * those that it does not lead any more. A group is answered for only after its shard was loaded (invariant 16). Any
 * thread may call; answers come on the owner of the group's shard, and are never exceptional: what can go wrong is a
 * {@link GroupError}. Closed by the composition root before partitions are.
 */
public final class GroupCoordinator implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupCoordinator.class);

    private final int brokerId;
    private final MetadataStore metadata;
    private final Partitions partitions;
    private final Executor io;
    private final Clock clock;
    private final GroupConfig config;
    private final Supplier<String> uniqueSuffixes;
    private final OffsetsTopic offsetsTopic;
    private final Map<Integer, LoadingShard> shards = new ConcurrentHashMap<>();
    private final AtomicBoolean sweepAsked = new AtomicBoolean();
    private volatile boolean closed;

    /**
     * @param io for reading the log when a shard is loaded
     * @param uniqueSuffixes makes member ids unique for ever
     */
    public GroupCoordinator(
            int brokerId,
            MetadataStore metadata,
            Partitions partitions,
            Executor io,
            Clock clock,
            GroupConfig config,
            Supplier<String> uniqueSuffixes) {
        this.brokerId = brokerId;
        this.metadata = metadata;
        this.partitions = partitions;
        this.io = io;
        this.clock = clock;
        this.config = config;
        this.uniqueSuffixes = uniqueSuffixes;
        this.offsetsTopic = new OffsetsTopic(metadata, config);
    }

    /** Begins to follow the metadata; shards that this broker leads are loaded at once. */
    public void start() {
        metadata.subscribe(this::follow);
    }

    private void follow(ClusterImage image) {
        if (closed) {
            return;
        }
        TopicImage topic = image.topic(OffsetsTopic.NAME).orElse(null);
        for (LoadingShard shard : shards.values()) {
            if (topic == null || !shard.topicId.equals(topic.id()) || !leads(topic, shard.index)) {
                retire(shard, "this broker does not lead it any more");
            }
        }
        if (topic != null) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.leader() == brokerId) {
                    shard(topic, partition.index());
                }
            }
            sweepSoon();
        }
    }

    private boolean leads(TopicImage topic, int index) {
        return index < topic.partitions().size()
                && topic.partitions().get(index).leader() == brokerId;
    }

    /** Lets shards look for deleted topics: once for many changes that come together. */
    private void sweepSoon() {
        if (!sweepAsked.compareAndSet(false, true)) {
            return;
        }
        io.execute(() -> {
            sweepAsked.set(false);
            for (LoadingShard shard : shards.values()) {
                shard.onShard(GroupShard::topicsChanged);
            }
        });
    }

    private LoadingShard shard(TopicImage topic, int index) {
        LoadingShard present = shards.get(index);
        if (present != null) {
            return present;
        }
        LoadingShard fresh = new LoadingShard(index, topic.id());
        present = shards.putIfAbsent(index, fresh);
        if (present != null) {
            return present;
        }
        fresh.load();
        return fresh;
    }

    private void retire(LoadingShard shard, String why) {
        if (shards.remove(shard.index, shard)) {
            log.info("gives up partition {} of the offsets topic: {}", shard.index, why);
            shard.close();
        }
    }

    /** Who coordinates the group; the offsets topic is made when there is none. */
    public CompletableFuture<CoordinatorAddress> find(String groupId) {
        return offsetsTopic
                .ensure()
                .thenCompose(topic -> {
                    int index = OffsetsTopic.partitionOf(groupId, topic);
                    int leader = topic.partitions().get(index).leader();
                    CoordinatorAddress address = metadata.image()
                            .broker(leader)
                            .map(broker ->
                                    new CoordinatorAddress(GroupError.NONE, broker.id(), broker.host(), broker.port()))
                            .orElse(CoordinatorAddress.failed(GroupError.COORDINATOR_NOT_AVAILABLE));
                    if (leader != brokerId) {
                        return CompletableFuture.completedFuture(address);
                    }
                    // Who is sent here shall not be put off with "loading".
                    return shard(topic, index)
                            .ready
                            .handle((shard, failure) -> failure == null
                                    ? address
                                    : CoordinatorAddress.failed(GroupError.COORDINATOR_NOT_AVAILABLE));
                })
                .exceptionally(failure -> {
                    log.warn("the offsets topic cannot be made", failure);
                    return CoordinatorAddress.failed(GroupError.COORDINATOR_NOT_AVAILABLE);
                });
    }

    public CompletableFuture<JoinResult> join(JoinRequest request) {
        return call(
                request.groupId(),
                error -> JoinResult.failed(request.memberId(), error),
                (shard, reply) -> shard.join(request, reply::complete));
    }

    public CompletableFuture<SyncResult> sync(SyncRequest request) {
        return call(
                request.member().groupId(), SyncResult::failed, (shard, reply) -> shard.sync(request, reply::complete));
    }

    public CompletableFuture<GroupError> heartbeat(GroupMemberId who) {
        return call(who.groupId(), Function.identity(), (shard, reply) -> reply.complete(shard.heartbeat(who)));
    }

    public CompletableFuture<LeaveResult> leave(String groupId, List<LeaveResult.Leaving> leaving) {
        return call(groupId, LeaveResult::failed, (shard, reply) -> reply.complete(shard.leave(groupId, leaving)));
    }

    /** Done when the offsets are committed in the log. The caller has checked that the topics exist. */
    public CompletableFuture<GroupError> commit(GroupMemberId who, Map<TopicPartitionKey, CommittedOffset> offsets) {
        return call(who.groupId(), Function.identity(), (shard, reply) -> shard.commit(who, offsets, reply::complete));
    }

    /** @param keys null for all partitions that have an offset */
    public CompletableFuture<OffsetFetchResult> fetch(String groupId, List<TopicPartitionKey> keys) {
        return call(groupId, OffsetFetchResult::failed, (shard, reply) -> shard.fetch(groupId, keys, reply::complete));
    }

    public CompletableFuture<OffsetDeleteResult> deleteOffsets(String groupId, List<TopicPartitionKey> keys) {
        return call(
                groupId,
                OffsetDeleteResult::failed,
                (shard, reply) -> shard.deleteOffsets(groupId, keys, reply::complete));
    }

    public CompletableFuture<GroupDescription> describe(String groupId) {
        return call(
                groupId,
                error -> GroupDescription.failed(groupId, error),
                (shard, reply) -> reply.complete(shard.describe(groupId)));
    }

    public CompletableFuture<GroupError> delete(String groupId) {
        return call(groupId, Function.identity(), (shard, reply) -> shard.delete(groupId, reply::complete));
    }

    /** The groups of all shards here; fails with {@link GroupLoadingException} while one is being loaded. */
    public CompletableFuture<List<GroupListing>> list() {
        List<CompletableFuture<List<GroupListing>>> parts = new ArrayList<>();
        for (LoadingShard shard : shards.values()) {
            CompletableFuture<List<GroupListing>> part = new CompletableFuture<>();
            parts.add(part);
            if (shard.ready.isDone() && !shard.ready.isCompletedExceptionally()) {
                shard.onShard(loaded -> part.complete(loaded.list()));
            } else {
                part.completeExceptionally(new GroupLoadingException());
            }
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).thenApply(all -> {
            List<GroupListing> listed = new ArrayList<>();
            parts.forEach(part -> listed.addAll(part.join()));
            return listed;
        });
    }

    /**
     * The least offset that a group has committed on a partition: {@link Long#MAX_VALUE} without any, -1 as long as
     * that is not known here. Any thread.
     */
    public long leastCommitted(UUID topicId, String topic, int partition) {
        TopicImage offsets = offsetsTopic.present().orElse(null);
        if (offsets == null) {
            return Long.MAX_VALUE;
        }
        TopicPartitionKey key = new TopicPartitionKey(topic, partition);
        long least = Long.MAX_VALUE;
        for (PartitionImage each : offsets.partitions()) {
            LoadingShard shard = shards.get(each.index());
            if (shard == null || !shard.ready.isDone() || shard.ready.isCompletedExceptionally()) {
                return -1; // loading, or another broker's: what its groups have passed is not known
            }
            least = Math.min(least, shard.ready.join().committed().least(key, topicId));
        }
        return least;
    }

    private <T> CompletableFuture<T> call(
            String groupId, Function<GroupError, T> failed, BiConsumer<GroupShard, CompletableFuture<T>> task) {
        Optional<TopicImage> topic = offsetsTopic.present();
        if (closed || topic.isEmpty()) {
            return CompletableFuture.completedFuture(failed.apply(GroupError.NOT_COORDINATOR));
        }
        int index = OffsetsTopic.partitionOf(groupId, topic.get());
        if (!leads(topic.get(), index)) {
            return CompletableFuture.completedFuture(failed.apply(GroupError.NOT_COORDINATOR));
        }
        LoadingShard shard = shard(topic.get(), index);
        if (!shard.ready.isDone()) {
            return CompletableFuture.completedFuture(failed.apply(GroupError.COORDINATOR_LOAD_IN_PROGRESS));
        }
        if (shard.ready.isCompletedExceptionally()) {
            return CompletableFuture.completedFuture(failed.apply(GroupError.NOT_COORDINATOR));
        }
        CompletableFuture<T> reply = new CompletableFuture<>();
        shard.onShard(loaded -> {
            try {
                task.accept(loaded, reply);
            } catch (RuntimeException e) {
                // A broken invariant: this shard is built anew from its log.
                log.error("group {} failed, partition {} of the offsets topic is loaded again", groupId, index, e);
                reply.complete(failed.apply(GroupError.UNKNOWN_SERVER_ERROR));
                retire(shard, "its state is not trusted any more");
            }
        });
        return reply;
    }

    /** Sends all who wait away; what was answered before is in the log. */
    @Override
    public void close() {
        closed = true;
        for (LoadingShard shard : shards.values()) {
            retire(shard, "the broker stops");
        }
    }

    /** One partition of the offsets topic on its way to a {@link GroupShard}. */
    private final class LoadingShard {
        private final int index;
        private final UUID topicId;
        private final CompletableFuture<GroupShard> ready = new CompletableFuture<>();
        private volatile Owner owner;
        private volatile boolean retired;

        private LoadingShard(int index, UUID topicId) {
            this.index = index;
            this.topicId = topicId;
        }

        private void load() {
            partitions.partition(topicId, index).whenComplete((partition, failure) -> {
                if (failure != null) {
                    fail(failure);
                    return;
                }
                owner = partition.owner();
                GroupShard shard =
                        new GroupShard(index, owner, clock, config, GroupCoordinator.this::topicId, uniqueSuffixes);
                ShardLoader.load(partition, io, shard::replay).whenComplete((loaded, broken) -> {
                    if (broken != null || retired) {
                        fail(broken == null ? new IllegalStateException("given up while loading") : broken);
                        return;
                    }
                    shard.activate(
                            new PartitionGroupLog(partition, clock),
                            fault -> retire(this, "its log failed: " + fault.getMessage()));
                    ready.complete(shard);
                });
            });
        }

        private void fail(Throwable failure) {
            if (!closed && !retired) {
                log.warn("partition {} of the offsets topic cannot be loaded", index, failure);
            }
            // The next request tries again.
            shards.remove(index, this);
            ready.completeExceptionally(failure);
        }

        private void onShard(Consumer<GroupShard> task) {
            ready.thenAccept(shard -> owner.run(() -> task.accept(shard)));
        }

        private void close() {
            retired = true;
            // Not at once: the shard may be in the middle of what made it fail.
            ready.thenAccept(shard -> owner.execute(shard::close));
        }
    }

    private UUID topicId(String name) {
        return metadata.image().topic(name).map(TopicImage::id).orElse(null);
    }
}
