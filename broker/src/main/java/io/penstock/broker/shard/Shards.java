package io.penstock.broker.shard;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shards of a coordinator on this broker: loads those of partitions that this broker leads, and closes those that it
 * does not lead any more. A key is answered for only after its shard was loaded (invariant 16). Any thread may call.
 *
 * @param <S> one partition's state
 */
public final class Shards<S> {
    private static final Logger log = LoggerFactory.getLogger(Shards.class);

    private final int brokerId;
    private final MetadataStore metadata;
    private final Partitions partitions;
    private final ShardTopic topic;
    private final Kind<S> kind;
    private final Map<Integer, Loading> shards = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** How a coordinator's shards come and go; everything is called on the partition's owner. */
    public interface Kind<S> {
        S create(int index, Partition partition);

        /** Replays the partition; completes on the owner. */
        CompletionStage<Void> load(S shard, Partition partition);

        /** @param broken told when the log failed: the shard is closed and built anew */
        void activate(S shard, Partition partition, Consumer<IOException> broken);

        void close(S shard);
    }

    /** Why a shard cannot be asked here. */
    public enum Absence {
        NOT_HERE,
        LOADING,
        /** It failed at this request; it is built anew from its log. */
        FAILED
    }

    public Shards(int brokerId, MetadataStore metadata, Partitions partitions, ShardTopic topic, Kind<S> kind) {
        this.brokerId = brokerId;
        this.metadata = metadata;
        this.partitions = partitions;
        this.topic = topic;
        this.kind = kind;
    }

    /** To be called with each new image; shards that this broker leads are loaded at once. */
    public void follow(ClusterImage image) {
        if (closed) {
            return;
        }
        TopicImage now = image.topic(topic.name()).orElse(null);
        for (Loading shard : shards.values()) {
            if (now == null || !shard.topicId.equals(now.id()) || !leads(now, shard.index)) {
                retire(shard, "this broker does not lead it any more");
            }
        }
        if (now != null) {
            for (PartitionImage partition : now.partitions()) {
                if (partition.leader() == brokerId) {
                    shard(now, partition.index());
                }
            }
        }
    }

    private boolean leads(TopicImage of, int index) {
        return index < of.partitions().size() && of.partitions().get(index).leader() == brokerId;
    }

    private Loading shard(TopicImage of, int index) {
        Loading present = shards.get(index);
        if (present != null) {
            return present;
        }
        Loading fresh = new Loading(index, of.id());
        present = shards.putIfAbsent(index, fresh);
        if (present != null) {
            return present;
        }
        fresh.load();
        return fresh;
    }

    private void retire(Loading shard, String why) {
        if (shards.remove(shard.index, shard)) {
            log.info("gives up partition {} of {}: {}", shard.index, topic.name(), why);
            shard.close();
        }
    }

    /** Who coordinates a key; the topic is made when there is none. Fails when nobody can be told. */
    public CompletableFuture<BrokerImage> find(String key) {
        return topic.ensure().thenCompose(found -> {
            int index = ShardTopic.partitionOf(key, found);
            int leader = found.partitions().get(index).leader();
            Optional<BrokerImage> broker = metadata.image().broker(leader);
            if (broker.isEmpty()) {
                return CompletableFuture.failedFuture(new MetadataException(
                        MetadataException.Reason.UNAVAILABLE,
                        "partition " + index + " of " + topic.name() + " has no leader"));
            }
            // Who is sent here shall not be put off with "loading".
            return leader == brokerId
                    ? shard(found, index).ready.thenApply(shard -> broker.get())
                    : CompletableFuture.completedFuture(broker.get());
        });
    }

    /**
     * Lets the shard of a key work, on its owner; the result is never exceptional.
     *
     * @param failed makes the answer when there is no shard to ask
     */
    public <T> CompletableFuture<T> call(
            String key, Function<Absence, T> failed, BiConsumer<S, CompletableFuture<T>> task) {
        Optional<TopicImage> found = topic.present();
        if (closed || found.isEmpty()) {
            return CompletableFuture.completedFuture(failed.apply(Absence.NOT_HERE));
        }
        int index = ShardTopic.partitionOf(key, found.get());
        if (!leads(found.get(), index)) {
            return CompletableFuture.completedFuture(failed.apply(Absence.NOT_HERE));
        }
        Loading shard = shard(found.get(), index);
        if (!shard.ready.isDone()) {
            return CompletableFuture.completedFuture(failed.apply(Absence.LOADING));
        }
        if (shard.ready.isCompletedExceptionally()) {
            return CompletableFuture.completedFuture(failed.apply(Absence.NOT_HERE));
        }
        CompletableFuture<T> reply = new CompletableFuture<>();
        shard.onShard(loaded -> {
            try {
                task.accept(loaded, reply);
            } catch (RuntimeException e) {
                // A broken invariant: this shard is built anew from its log.
                log.error("{} failed, partition {} of {} is loaded again", key, index, topic.name(), e);
                reply.complete(failed.apply(Absence.FAILED));
                retire(shard, "its state is not trusted any more");
            }
        });
        return reply;
    }

    /** Lets a shard work, once it is loaded; nothing happens when it is not here. */
    public void with(int index, Consumer<S> task) {
        Loading shard = shards.get(index);
        if (shard != null) {
            shard.onShard(task);
        }
    }

    /** Lets all shards work, those that are being loaded when they are. */
    public void forEach(Consumer<S> task) {
        shards.values().forEach(shard -> shard.onShard(task));
    }

    /** Numbers of the shards here. */
    public Collection<Integer> indexes() {
        return shards.keySet();
    }

    /** The shard, for what of it any thread may read; empty while it is not loaded, or not here. */
    public Optional<S> loaded(int index) {
        Loading shard = shards.get(index);
        return shard == null || !shard.ready.isDone() || shard.ready.isCompletedExceptionally()
                ? Optional.empty()
                : Optional.of(shard.ready.join());
    }

    /** Sends all who wait away; what was answered before is in the log. */
    public void close(String why) {
        closed = true;
        for (Loading shard : shards.values()) {
            retire(shard, why);
        }
    }

    public boolean closed() {
        return closed;
    }

    /** One partition of the topic on its way to a shard. */
    private final class Loading {
        private final int index;
        private final UUID topicId;
        private final CompletableFuture<S> ready = new CompletableFuture<>();
        private volatile Owner owner;
        private volatile boolean retired;

        private Loading(int index, UUID topicId) {
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
                S shard = kind.create(index, partition);
                kind.load(shard, partition).whenComplete((loaded, broken) -> {
                    if (broken != null || retired) {
                        fail(broken == null ? new IllegalStateException("given up while loading") : broken);
                        return;
                    }
                    kind.activate(shard, partition, fault -> retire(this, "its log failed: " + fault.getMessage()));
                    ready.complete(shard);
                });
            });
        }

        private void fail(Throwable failure) {
            if (!closed && !retired) {
                log.warn("partition {} of {} cannot be loaded", index, topic.name(), failure);
            }
            // The next request tries again.
            shards.remove(index, this);
            ready.completeExceptionally(failure);
        }

        private void onShard(Consumer<S> task) {
            ready.thenAccept(shard -> owner.run(() -> task.accept(shard)));
        }

        private void close() {
            retired = true;
            // Not at once: the shard may be in the middle of what made it fail.
            ready.thenAccept(shard -> owner.execute(() -> kind.close(shard)));
        }
    }
}
