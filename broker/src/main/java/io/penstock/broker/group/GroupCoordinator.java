package io.penstock.broker.group;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.shard.PartitionShardLog;
import io.penstock.broker.shard.ShardLoader;
import io.penstock.broker.shard.ShardTopic;
import io.penstock.broker.shard.Shards;
import io.penstock.storage.time.Clock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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

    static final String TOPIC = "__consumer_offsets";
    /** The topic keeps what is live for ever; the coordinator itself gives up what is not. */
    private static final Map<String, String> TOPIC_SETTINGS = Map.of(
            "cleanup.policy", "compact",
            "retention.ms", "-1",
            "retention.bytes", "-1",
            "segment.bytes", Integer.toString(16 * 1024 * 1024),
            "max.message.bytes", Integer.toString(12 * 1024 * 1024));

    private final MetadataStore metadata;
    private final Executor io;
    private final Clock clock;
    private final GroupConfig config;
    private final Supplier<String> uniqueSuffixes;
    private final OffsetsGate gate;
    private final ShardTopic offsetsTopic;
    private final Shards<GroupShard> shards;
    private final AtomicBoolean sweepAsked = new AtomicBoolean();

    /**
     * @param io for reading the log when a shard is loaded
     * @param uniqueSuffixes makes member ids unique for ever
     * @param gate asks the coordinators of transactions
     */
    public GroupCoordinator(
            int brokerId,
            MetadataStore metadata,
            Partitions partitions,
            Executor io,
            Clock clock,
            GroupConfig config,
            Supplier<String> uniqueSuffixes,
            OffsetsGate gate) {
        this.gate = gate;
        this.metadata = metadata;
        this.io = io;
        this.clock = clock;
        this.config = config;
        this.uniqueSuffixes = uniqueSuffixes;
        this.offsetsTopic = new ShardTopic(
                metadata,
                new MetadataStore.NewTopic(
                        TOPIC,
                        config.offsetsTopicPartitions(),
                        config.offsetsTopicReplication(),
                        null,
                        TOPIC_SETTINGS));
        this.shards = new Shards<>(brokerId, metadata, partitions, offsetsTopic, new Kind());
    }

    /** Begins to follow the metadata; shards that this broker leads are loaded at once. */
    public void start() {
        metadata.subscribe(this::follow);
    }

    private void follow(ClusterImage image) {
        shards.follow(image);
        if (!shards.closed() && image.topic(TOPIC).isPresent()) {
            sweepSoon();
        }
    }

    /** Lets shards look for deleted topics: once for many changes that come together. */
    private void sweepSoon() {
        if (!sweepAsked.compareAndSet(false, true)) {
            return;
        }
        io.execute(() -> {
            sweepAsked.set(false);
            shards.forEach(GroupShard::topicsChanged);
        });
    }

    /** Who coordinates the group; the offsets topic is made when there is none. */
    public CompletableFuture<CoordinatorAddress> find(String groupId) {
        return shards.find(groupId)
                .thenApply(broker -> new CoordinatorAddress(GroupError.NONE, broker.id(), broker.host(), broker.port()))
                .exceptionally(failure -> {
                    log.warn("the coordinator of group {} cannot be told: {}", groupId, failure.toString());
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

    /** As {@link #commit}; the offsets count when the client's transaction is committed. */
    public CompletableFuture<GroupError> commitInTransaction(
            GroupMemberId who,
            OffsetsGate.TransactionMember client,
            boolean add,
            Map<TopicPartitionKey, CommittedOffset> offsets) {
        return call(
                who.groupId(),
                Function.identity(),
                (shard, reply) -> shard.commitInTransaction(who, client, add, offsets, reply::complete));
    }

    /** The partition that holds a group's offsets; the topic is made when there is none. */
    public CompletableFuture<OffsetsPartition> place(String groupId) {
        return offsetsTopic
                .ensure()
                .thenApply(topic ->
                        new OffsetsPartition(topic.id(), topic.name(), ShardTopic.partitionOf(groupId, topic)));
    }

    /** A partition of the offsets topic. */
    public record OffsetsPartition(UUID topicId, String topic, int index) {}

    /** The marker of a producer's transaction is committed in a partition of the offsets topic. */
    public void transactionEnded(UUID topicId, int index, long producerId, boolean commit) {
        if (offsetsTopic.present().filter(topic -> topic.id().equals(topicId)).isPresent()) {
            shards.with(index, shard -> shard.transactionEnded(producerId, commit));
        }
    }

    /**
     * @param keys null for all partitions that have an offset
     * @param stable whether offsets that an undecided transaction may change are to be told apart
     */
    public CompletableFuture<OffsetFetchResult> fetch(String groupId, List<TopicPartitionKey> keys, boolean stable) {
        return call(
                groupId,
                OffsetFetchResult::failed,
                (shard, reply) -> shard.fetch(groupId, keys, stable, reply::complete));
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
        for (int index : shards.indexes()) {
            CompletableFuture<List<GroupListing>> part = new CompletableFuture<>();
            parts.add(part);
            if (shards.loaded(index).isPresent()) {
                shards.with(index, loaded -> part.complete(loaded.list()));
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
            Optional<GroupShard> shard = shards.loaded(each.index());
            if (shard.isEmpty()) {
                return -1; // loading, or another broker's: what its groups have passed is not known
            }
            least = Math.min(least, shard.get().committed().least(key, topicId));
        }
        return least;
    }

    private <T> CompletableFuture<T> call(
            String groupId, Function<GroupError, T> failed, BiConsumer<GroupShard, CompletableFuture<T>> task) {
        return shards.call(
                groupId,
                absence -> failed.apply(
                        switch (absence) {
                            case NOT_HERE -> GroupError.NOT_COORDINATOR;
                            case LOADING -> GroupError.COORDINATOR_LOAD_IN_PROGRESS;
                            case FAILED -> GroupError.UNKNOWN_SERVER_ERROR;
                        }),
                task);
    }

    /** Sends all who wait away; what was answered before is in the log. */
    @Override
    public void close() {
        shards.close("the broker stops");
    }

    private final class Kind implements Shards.Kind<GroupShard> {
        @Override
        public GroupShard create(int index, Partition partition) {
            GroupShard shard = new GroupShard(
                    index, partition.owner(), clock, config, GroupCoordinator.this::topicId, uniqueSuffixes);
            shard.gate((client, add, append, refused) -> gate.pass(partition, client, add, append, refused));
            return shard;
        }

        @Override
        public CompletionStage<Void> load(GroupShard shard, Partition partition) {
            return ShardLoader.load(partition, io, GroupBatch::decode, shard::replay);
        }

        @Override
        public void activate(GroupShard shard, Partition partition, Consumer<IOException> broken) {
            shard.activate(new PartitionShardLog<>(partition, clock, GroupBatch::encode), broken);
        }

        @Override
        public void close(GroupShard shard) {
            shard.close();
        }
    }

    private UUID topicId(String name) {
        return metadata.image().topic(name).map(TopicImage::id).orElse(null);
    }
}
