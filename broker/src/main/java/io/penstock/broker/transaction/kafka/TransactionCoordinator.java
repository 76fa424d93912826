package io.penstock.broker.transaction.kafka;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.ProducerIdPool;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The transactional ids of this broker: finds the shard of an id, which is loaded while its partition is led here. Any
 * thread may call; answers come on the owner of the id's shard, and are never exceptional: what can go wrong is a
 * {@link TransactionError}. Closed by the composition root before partitions are.
 */
public final class TransactionCoordinator implements Enrolment, AutoCloseable {
    static final String TOPIC = "__transaction_state";

    private final ShardTopic topic;
    private final Shards<TransactionShard> shards;
    private final MetadataStore metadata;
    private final Executor io;
    private final Clock clock;
    private final TransactionConfig config;
    private final MarkerPort markers;
    private final ProducerIdPool producerIds;

    /** @param io for reading the log when a shard is loaded */
    public TransactionCoordinator(
            int brokerId,
            MetadataStore metadata,
            Partitions partitions,
            Executor io,
            Clock clock,
            TransactionConfig config,
            MarkerPort markers,
            ProducerIdPool producerIds) {
        this.metadata = metadata;
        this.io = io;
        this.clock = clock;
        this.config = config;
        this.markers = markers;
        this.producerIds = producerIds;
        this.topic = new ShardTopic(
                metadata,
                new MetadataStore.NewTopic(
                        TOPIC, config.topicPartitions(), config.topicReplication(), null, settings(config)));
        this.shards = new Shards<>(brokerId, metadata, partitions, topic, new Kind());
    }

    /** What is decided must be on the disk, whatever the broker's policy is: the coordinator cannot guess it again. */
    private static Map<String, String> settings(TransactionConfig config) {
        return Map.of(
                "flush.policy", "before-reply",
                "cleanup.policy", "compact",
                "retention.ms", "-1",
                "retention.bytes", "-1",
                "segment.bytes", Integer.toString(16 * 1024 * 1024),
                "max.message.bytes", Integer.toString(12 * 1024 * 1024),
                "min.insync.replicas", Integer.toString(config.topicMinIsr()));
    }

    /** Begins to follow the metadata; shards that this broker leads are loaded at once. */
    public void start() {
        metadata.subscribe(shards::follow);
    }

    /**
     * Loads shards again that could not be loaded, or failed: their markers and time-outs are waited for, though nobody may
     * ask for their ids. To be called from time to time.
     */
    public void lookAgain() {
        shards.follow(metadata.image());
    }

    /** Who coordinates the id; the topic is made when there is none. Fails when nobody can be told. */
    public CompletableFuture<BrokerImage> find(String transactionalId) {
        return shards.find(transactionalId);
    }

    /** @param expected who the client was until now, of producer id -1 for a new one */
    public CompletableFuture<InitResult> init(String id, int timeoutMillis, ProducerIdentity expected) {
        return call(id, InitResult::failed, (shard, reply) -> shard.init(id, timeoutMillis, expected, reply::complete));
    }

    @Override
    public CompletableFuture<TransactionError> add(
            String id, ProducerIdentity client, Set<TransactionPartition> partitions, int version) {
        return call(
                id, Function.identity(), (shard, reply) -> shard.add(id, client, partitions, version, reply::complete));
    }

    @Override
    public CompletableFuture<TransactionError> verify(
            String id, ProducerIdentity client, TransactionPartition partition) {
        return call(id, Function.identity(), (shard, reply) -> shard.verify(id, client, partition, reply::complete));
    }

    public CompletableFuture<InitResult> end(String id, ProducerIdentity client, boolean commit, int version) {
        return call(id, InitResult::failed, (shard, reply) -> shard.end(id, client, commit, version, reply::complete));
    }

    public CompletableFuture<TransactionDescription> describe(String id) {
        return call(
                id,
                error -> TransactionDescription.failed(id, error),
                (shard, reply) -> reply.complete(shard.describe(id)));
    }

    /** The ids of all shards here; empty while one is being loaded. */
    public CompletableFuture<Optional<List<TransactionDescription>>> list() {
        List<CompletableFuture<List<TransactionDescription>>> parts = new ArrayList<>();
        for (int index : shards.indexes()) {
            if (shards.loaded(index).isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            CompletableFuture<List<TransactionDescription>> part = new CompletableFuture<>();
            parts.add(part);
            shards.with(index, shard -> part.complete(shard.list()));
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new)).thenApply(all -> {
            List<TransactionDescription> listed = new ArrayList<>();
            parts.forEach(part -> listed.addAll(part.join()));
            return Optional.of(listed);
        });
    }

    private <T> CompletableFuture<T> call(
            String id, Function<TransactionError, T> failed, BiConsumer<TransactionShard, CompletableFuture<T>> task) {
        return shards.call(
                id,
                absence -> failed.apply(
                        switch (absence) {
                            case NOT_HERE -> TransactionError.NOT_COORDINATOR;
                            case LOADING -> TransactionError.COORDINATOR_LOAD_IN_PROGRESS;
                            case FAILED -> TransactionError.UNKNOWN_SERVER_ERROR;
                        }),
                task);
    }

    @Override
    public void close() {
        shards.close("the broker stops");
    }

    private final class Kind implements Shards.Kind<TransactionShard> {
        @Override
        public TransactionShard create(int index, Partition partition) {
            return new TransactionShard(
                    index,
                    partition.owner(),
                    clock,
                    config,
                    markers,
                    done -> producerIds.take(1, done::accept, failure -> done.accept(-1L)),
                    partition.leaderEpoch());
        }

        @Override
        public CompletionStage<Void> load(TransactionShard shard, Partition partition) {
            return ShardLoader.load(partition, io, TransactionRecordCodec::decode, shard::replay);
        }

        @Override
        public void activate(TransactionShard shard, Partition partition, Consumer<IOException> broken) {
            shard.activate(new PartitionShardLog<>(partition, clock, TransactionRecordCodec::encode), broken);
        }

        @Override
        public void close(TransactionShard shard) {
            shard.close();
        }
    }
}
