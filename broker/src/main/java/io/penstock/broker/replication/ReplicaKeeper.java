package io.penstock.broker.replication;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicChanges;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Owners;
import io.penstock.broker.partition.PartitionKey;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.broker.partition.PartitionUnavailableException.Reason;
import io.penstock.broker.partition.ReplicatedPartitions;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReplicaFetchRequest;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All replicated partitions of this broker, the fetchers of what it follows, and the sessions of those that follow it.
 * Any thread may call. Closed by the composition root after the connections and before the log store.
 */
public final class ReplicaKeeper implements ReplicatedPartitions, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReplicaKeeper.class);
    private static final long TICK_MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ReplicaContext context;
    private final Map<PartitionKey, Replica> replicas = new ConcurrentHashMap<>();
    private final Map<Integer, ReplicaFetcher> fetchers = new ConcurrentHashMap<>();
    /** By follower. */
    private final Map<Integer, LeaderSession> sessions = new ConcurrentHashMap<>();

    /** Logs that somebody lets go of, or that are being deleted: they may be opened when that is done. */
    private final Map<PartitionKey, CompletableFuture<?>> releasing = new ConcurrentHashMap<>();

    private final AtomicLong nextSessionId = new AtomicLong();
    private volatile boolean closed;

    /**
     * Times and sizes.
     *
     * @param lagMaxMillis {@code replica.lag.time.max.ms}
     * @param fetchMaxBytes {@code replica.fetch.response.max.bytes}
     * @param partitionMaxBytes {@code replica.fetch.max.bytes}
     * @param fetchWaitMillis {@code replica.fetch.wait.max.ms}
     * @param leaderBytesPerSecond {@code leader.replication.throttled.rate} as it is now
     * @param followerBytesPerSecond {@code follower.replication.throttled.rate} as it is now
     */
    public record Settings(
            long lagMaxMillis,
            int fetchMaxBytes,
            int partitionMaxBytes,
            int fetchWaitMillis,
            LongSupplier leaderBytesPerSecond,
            LongSupplier followerBytesPerSecond) {

        /** Without throttles. */
        public Settings(long lagMaxMillis, int fetchMaxBytes, int partitionMaxBytes, int fetchWaitMillis) {
            this(
                    lagMaxMillis,
                    fetchMaxBytes,
                    partitionMaxBytes,
                    fetchWaitMillis,
                    () -> Long.MAX_VALUE,
                    () -> Long.MAX_VALUE);
        }
    }

    /**
     * @param configs a topic's settings over the broker's
     * @param minInSync {@code min.insync.replicas} by a topic's settings
     * @param rules {@link ReplicaRules#STANDARD}, unless a simulation puts old bugs back
     */
    public ReplicaKeeper(
            int brokerId,
            MetadataStore metadata,
            LogStore logs,
            Owners owners,
            Clock clock,
            Function<Map<String, String>, LogConfig> configs,
            ToIntFunction<Map<String, String>> minInSync,
            PeerChannel peers,
            Settings settings,
            ReplicaRules rules) {
        this(new ReplicaContext(
                brokerId,
                metadata,
                logs,
                owners,
                clock,
                configs,
                minInSync,
                peers,
                TimeUnit.MILLISECONDS.toNanos(settings.lagMaxMillis()),
                settings.fetchMaxBytes(),
                settings.partitionMaxBytes(),
                settings.fetchWaitMillis(),
                new ByteRate(settings.leaderBytesPerSecond(), clock.nanos()),
                new ByteRate(settings.followerBytesPerSecond(), clock.nanos()),
                rules));
    }

    ReplicaKeeper(ReplicaContext context) {
        this.context = context;
    }

    /** Begins to look after the leaderships of this broker, from time to time. */
    public void start() {
        for (Owner owner : context.owners().all()) {
            tickLater(owner);
        }
    }

    private void tickLater(Owner owner) {
        owner.schedule(
                () -> {
                    if (!closed) {
                        tick(owner);
                        tickLater(owner);
                    }
                },
                Math.min(TICK_MAX_NANOS, context.lagMaxNanos() / 2));
    }

    private void tick(Owner owner) {
        for (Replica each : replicas.values()) {
            if (each.owner() == owner) {
                each.tick();
            }
        }
    }

    // ---- the image

    @Override
    public void follow(ClusterImage image, ClusterImage before) {
        if (closed) {
            return;
        }
        if (before == null) {
            image.topics().forEach(topic -> follow(topic, null));
            removeGivenAway(image);
            return;
        }
        TopicChanges changes = image.changesSince(before);
        for (TopicImage topic : changes.removed()) {
            for (PartitionImage partition : topic.partitions()) {
                drop(
                        new PartitionKey(topic.id(), partition.index()),
                        new PartitionUnavailableException(
                                Reason.UNKNOWN, topic.name() + "-" + partition.index() + " has been deleted"));
            }
        }
        for (TopicImage topic : changes.changed()) {
            follow(topic, before.topic(topic.id()).orElse(null));
        }
        if (!image.brokers().equals(before.brokers())) {
            // Who is gone for certain need not be waited for.
            for (Owner owner : context.owners().all()) {
                owner.execute(() -> tick(owner));
            }
        }
    }

    private void follow(TopicImage topic, TopicImage before) {
        boolean otherConfig = before == null || !before.config().equals(topic.config());
        for (PartitionImage partition : topic.partitions()) {
            boolean same = !otherConfig
                    && partition.index() < before.partitions().size()
                    && partition.equals(before.partitions().get(partition.index()));
            if (!same && isMine(partition)) {
                Replica replica = replica(new PartitionKey(topic.id(), partition.index()));
                replica.owner().execute(replica::lookAgain);
            } else if (!same && partition.replicated()) {
                drop(
                        new PartitionKey(topic.id(), partition.index()),
                        new PartitionUnavailableException(
                                Reason.NOT_LEADER,
                                topic.name() + "-" + partition.index() + " is kept by brokers " + partition.replicas()
                                        + " now"));
            }
        }
    }

    private boolean isMine(PartitionImage partition) {
        return partition.replicated() && partition.replicas().contains(context.brokerId());
    }

    private Replica replica(PartitionKey key) {
        return replicas.computeIfAbsent(
                key,
                made -> new Replica(
                        made,
                        context.owners().next(),
                        context,
                        this::fetcher,
                        releasing.getOrDefault(made, CompletableFuture.completedFuture(null))));
    }

    /** Null when this broker has no replica of it. */
    private Replica known(PartitionKey key) {
        Replica replica = replicas.get(key);
        if (replica != null || closed) {
            return replica;
        }
        TopicImage topic = context.metadata().image().topic(key.topicId()).orElse(null);
        boolean mine = topic != null
                && key.index() >= 0
                && key.index() < topic.partitions().size()
                && isMine(topic.partitions().get(key.index()));
        return mine ? replica(key) : null;
    }

    private ReplicaFetcher fetcher(int leaderId) {
        return fetchers.computeIfAbsent(
                leaderId, id -> new ReplicaFetcher(id, context.owners().next(), context));
    }

    /** This broker keeps the partition no more, and so none of its files. */
    private void drop(PartitionKey key, PartitionUnavailableException reason) {
        Replica replica = replicas.get(key);
        if (replica == null) {
            return;
        }
        CompletableFuture<Void> deleted = new CompletableFuture<>();
        release(key, deleted);
        replicas.remove(key, replica);
        replica.owner()
                .execute(() -> replica.close(reason, () -> delete(key).whenComplete((done, failure) -> {
                    deleted.complete(null);
                })));
    }

    @Override
    public void release(UUID topicId, int index, CompletableFuture<?> released) {
        release(new PartitionKey(topicId, index), released);
    }

    private void release(PartitionKey key, CompletableFuture<?> released) {
        releasing.put(key, released);
        released.whenComplete((done, failure) -> releasing.remove(key, released));
    }

    /** A partition may have gone to other brokers while this one was down. */
    private void removeGivenAway(ClusterImage first) {
        for (LogId id : context.logs().logs()) {
            PartitionImage partition = first.topic(id.topicId())
                    .filter(topic -> id.partition() < topic.partitions().size())
                    .map(topic -> topic.partitions().get(id.partition()))
                    .orElse(null);
            if (partition != null && partition.replicated() && !isMine(partition)) {
                log.info("{} is kept by brokers {} now", id, partition.replicas());
                PartitionKey key = new PartitionKey(id.topicId(), id.partition());
                CompletableFuture<Void> deleted = delete(key);
                release(key, deleted);
            }
        }
    }

    /** Done in any case. */
    private CompletableFuture<Void> delete(PartitionKey key) {
        return CompletableFuture.allOf(
                delete(LogId.records(key.topicId(), key.index())), delete(LogId.ledger(key.topicId(), key.index())));
    }

    private CompletableFuture<Void> delete(LogId id) {
        if (!context.logs().exists(id)) {
            return CompletableFuture.completedFuture(null);
        }
        return context.logs()
                .delete(id)
                .handle((done, failure) -> {
                    if (failure != null) {
                        log.error("the files of {} could not be removed", id, failure);
                    } else {
                        log.info("{} is removed", id);
                    }
                    return (Void) null;
                })
                .toCompletableFuture();
    }

    // ---- leaderships

    @Override
    public Owner owner(UUID topicId, int index) throws PartitionUnavailableException {
        return mine(topicId, index).owner();
    }

    private Replica mine(UUID topicId, int index) throws PartitionUnavailableException {
        Replica replica = known(new PartitionKey(topicId, index));
        if (replica == null) {
            throw new PartitionUnavailableException(
                    Reason.NOT_LEADER, "this broker has no replica of " + topicId + "-" + index);
        }
        return replica;
    }

    @Override
    public void lead(UUID topicId, int index, Consumer<Led> led, Consumer<Throwable> failed) {
        Replica replica;
        try {
            replica = mine(topicId, index);
        } catch (PartitionUnavailableException e) {
            failed.accept(e);
            return;
        }
        replica.owner().run(() -> replica.lead(led, failed));
    }

    // ---- followers

    /**
     * A follower's request; on the owner that all its requests come to.
     *
     * @param connection by which it came, for {@link #disconnected}
     * @param owner of the connection
     */
    public void fetch(ReplicaFetchRequest request, Object connection, Owner owner, FetchReply reply) {
        if (closed) {
            reply.fail(PenstockError.SHUTTING_DOWN, "the broker stops");
            return;
        }
        LeaderSession session = sessions.get(request.brokerId());
        if (request.sessionId() == 0) {
            LeaderSession fresh = new LeaderSession(
                    nextSessionId.incrementAndGet(), request, connection, owner, context, this::known);
            sessions.put(request.brokerId(), fresh);
            if (session != null) {
                LeaderSession old = session;
                old.owner().run(old::close);
            }
            session = fresh;
        } else if (session == null || session.id() != request.sessionId() || session.connection() != connection) {
            reply.fail(PenstockError.UNKNOWN_SESSION, "session " + request.sessionId() + " is not known");
            return;
        }
        session.fetch(request, reply);
    }

    /** The connection over which a follower fetches is gone. */
    public void disconnected(int followerId, Object connection) {
        LeaderSession session = sessions.get(followerId);
        if (session != null && session.connection() == connection && sessions.remove(followerId, session)) {
            session.owner().run(session::close);
        }
    }

    @Override
    public void close() {
        closed = true;
        fetchers.values().forEach(ReplicaFetcher::close);
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (Replica each : replicas.values()) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            closing.add(done);
            each.owner().run(() -> {
                each.close(new PartitionUnavailableException(Reason.NOT_LEADER, "the broker stops"));
                done.complete(null);
            });
        }
        CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new)).join();
    }
}
