package io.penstock.broker.partition;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicChanges;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.PartitionSlot.Key;
import io.penstock.broker.partition.PartitionUnavailableException.Reason;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that this broker leads: opens their logs at first use and gives each an owner in turn, follows the
 * cluster's image (deleted topics, changed settings), applies retention. Any thread may call; closed by the
 * composition root after the connections and before the log store.
 */
public final class PartitionRegistry implements Partitions, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PartitionRegistry.class);

    private final int brokerId;
    private final Supplier<ClusterImage> image;
    private final LogStore logs;
    private final Owners owners;
    private final Function<Map<String, String>, LogConfig> configs;
    private final ReplicatedPartitions replicated;
    private final Map<Key, PartitionSlot> slots = new ConcurrentHashMap<>();
    /** Of partitions that were opened anew. */
    private final Map<Key, Before> before = new ConcurrentHashMap<>();

    private volatile RetentionHold hold = RetentionHold.NONE;
    private volatile ClusterImage seen;
    private volatile boolean closed;

    /**
     * What stays of a partition when it is opened anew.
     *
     * @param owner whose thread others of the partition's parts may count on
     * @param openedEnd where its log ended when it was opened first
     */
    private record Before(Owner owner, long openedEnd) {}

    /**
     * @param image the newest image of the cluster; {@link #follow} is to be called with each
     * @param configs a topic's settings over the broker's
     */
    public PartitionRegistry(
            int brokerId,
            Supplier<ClusterImage> image,
            LogStore logs,
            Owners owners,
            Function<Map<String, String>, LogConfig> configs) {
        this(brokerId, image, logs, owners, configs, ReplicatedPartitions.NONE);
    }

    /** @param replicated who keeps the partitions with several replicas */
    public PartitionRegistry(
            int brokerId,
            Supplier<ClusterImage> image,
            LogStore logs,
            Owners owners,
            Function<Map<String, String>, LogConfig> configs,
            ReplicatedPartitions replicated) {
        this.replicated = replicated;
        this.brokerId = brokerId;
        this.image = image;
        this.logs = logs;
        this.owners = owners;
        this.configs = configs;
    }

    @Override
    public CompletionStage<Partition> partition(UUID topicId, int index) {
        CompletableFuture<Partition> result = new CompletableFuture<>();
        with(topicId, index, result::complete, result::completeExceptionally);
        return result;
    }

    @Override
    public void with(UUID topicId, int index, Consumer<Partition> task, Consumer<Throwable> failed) {
        Key key = new Key(topicId, index);
        PartitionSlot slot = slots.get(key);
        if (slot == null) {
            try {
                slot = open(key);
            } catch (PartitionUnavailableException e) {
                failed.accept(e);
                return;
            }
        }
        slot.use(task, failed);
    }

    @Override
    public Iterable<Partition> open() {
        List<Partition> open = new ArrayList<>();
        for (PartitionSlot slot : slots.values()) {
            LedPartition partition = slot.open();
            if (partition != null) {
                open.add(partition);
            }
        }
        return open;
    }

    private PartitionSlot open(Key key) throws PartitionUnavailableException {
        ClusterImage now = image.get();
        TopicImage topic = led(now, key);
        if (topic.partitions().get(key.index()).replicated()) {
            return lead(key, topic.name());
        }
        boolean[] mine = new boolean[1];
        PartitionSlot slot = slots.computeIfAbsent(key, missing -> {
            mine[0] = true;
            Before known = before.get(missing);
            return new PartitionSlot(missing, known == null ? owners.next() : known.owner(), false);
        });
        if (mine[0]) {
            int epoch = topic.partitions().get(key.index()).leaderEpoch();
            slot.opening(
                    logs.open(LogId.records(key.topicId(), key.index()), configs.apply(topic.config()), slot.owner())
                            .whenComplete((opened, failure) ->
                                    slot.owner().run(() -> opened(slot, topic.name(), epoch, opened, failure))));
        }
        return slot;
    }

    /** As {@link #open(Key)}, of a partition with several replicas, whose logs are others' business. */
    private PartitionSlot lead(Key key, String topicName) throws PartitionUnavailableException {
        Owner owner = replicated.owner(key.topicId(), key.index());
        boolean[] mine = new boolean[1];
        PartitionSlot slot = slots.computeIfAbsent(key, missing -> {
            mine[0] = true;
            return new PartitionSlot(missing, owner, true);
        });
        if (mine[0]) {
            replicated.lead(
                    key.topicId(),
                    key.index(),
                    led -> led(slot, topicName, led),
                    failure -> owner.run(() -> {
                        slots.remove(key, slot);
                        slot.close(
                                failure instanceof PartitionUnavailableException unavailable
                                        ? unavailable
                                        : new PartitionUnavailableException(Reason.OFFLINE, failure.toString()));
                    }));
        }
        return slot;
    }

    private void led(PartitionSlot slot, String topicName, ReplicatedPartitions.Led led) {
        Key key = slot.key();
        LedPartition partition = new LedPartition(key.topicId(), topicName, key.index(), slot.owner(), led);
        led.tell(
                reason -> {
                    slots.remove(key, slot);
                    slot.close(reason);
                },
                partition::tooFewReplicas,
                partition::servingAgain);
        partition.begin();
        slot.opened(partition);
    }

    /** Checks that the partition exists and is led by this broker. */
    private TopicImage led(ClusterImage now, Key key) throws PartitionUnavailableException {
        if (closed) {
            throw new PartitionUnavailableException(Reason.NOT_LEADER, "the broker stops");
        }
        TopicImage topic = now.topic(key.topicId())
                .orElseThrow(
                        () -> new PartitionUnavailableException(Reason.UNKNOWN, "there is no topic " + key.topicId()));
        if (key.index() < 0 || key.index() >= topic.partitions().size()) {
            throw new PartitionUnavailableException(
                    Reason.UNKNOWN,
                    topic.name() + " has " + topic.partitions().size() + " partitions, and no " + key.index());
        }
        PartitionImage partition = topic.partitions().get(key.index());
        if (partition.leader() != brokerId) {
            throw new PartitionUnavailableException(
                    Reason.NOT_LEADER, topic.name() + "-" + key.index() + " is led by broker " + partition.leader());
        }
        return topic;
    }

    private void opened(PartitionSlot slot, String topicName, int epoch, PartitionLog opened, Throwable failure) {
        Key key = slot.key();
        if (failure != null) {
            log.error("{}-{} ({}) could not be opened", topicName, key.index(), key.topicId(), failure);
            slots.remove(key, slot);
            slot.close(new PartitionUnavailableException(
                    Reason.OFFLINE, topicName + "-" + key.index() + " could not be opened: " + failure));
            return;
        }
        TopicImage topic = image.get().topic(key.topicId()).orElse(null);
        if (topic != null && topic.partitions().get(key.index()).replicated()) {
            handOver(topic); // opened while the image came that says so
        }
        if (topic != null && slot.isGone()) {
            return;
        }
        // Deleted between the look at the image and now: follow() may have passed before the slot was there.
        if (slot.isGone() || image.get().topic(key.topicId()).isEmpty()) {
            drop(slot, topicName);
            return;
        }
        slot.opened(new LedPartition(
                key.topicId(),
                topicName,
                key.index(),
                epoch,
                slot.owner(),
                opened,
                () -> ledger(slot, opened),
                cause -> offline(slot, topicName, cause),
                before.getOrDefault(key, new Before(slot.owner(), opened.endOffset()))
                        .openedEnd()));
    }

    /**
     * Owner's thread: a log of the partition is offline. Both its logs are closed, and recovered by the next who asks;
     * meanwhile requests are told that the partition is offline, which clients try again.
     */
    private void offline(PartitionSlot slot, String topicName, IOException cause) {
        LedPartition was = slot.open();
        if (closed || slot.isGone() || was == null) {
            return;
        }
        Key key = slot.key();
        log.warn("{}-{} is closed and opened again: {}", topicName, key.index(), cause.toString());
        before.put(key, new Before(slot.owner(), was.openedEndOffset()));
        // Not at once: who found the failure is in the middle of its work.
        slot.owner().execute(() -> {
            closeLogs(
                            slot,
                            new PartitionUnavailableException(
                                    Reason.OFFLINE,
                                    topicName + "-" + key.index() + " is being recovered: " + cause.getMessage()))
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            log.error("{}-{} could not be closed", topicName, key.index(), failure);
                        }
                        slots.remove(key, slot);
                    });
        });
    }

    private CompletionStage<PartitionLog> ledger(PartitionSlot slot, PartitionLog records) {
        return slot.ledgerOnce(() -> {
            CompletableFuture<PartitionLog> result = new CompletableFuture<>();
            LogId id = LogId.ledger(slot.key().topicId(), slot.key().index());
            logs.open(id, records.config().forLedger(), slot.owner())
                    .whenComplete((ledger, failure) -> slot.owner().run(() -> {
                        if (failure != null) {
                            result.completeExceptionally(failure);
                        } else {
                            result.complete(ledger);
                        }
                    }));
            return result;
        });
    }

    /** Applies a new image: to be called with each, in order, on one thread. */
    public void follow(ClusterImage next) {
        ClusterImage last = seen;
        seen = next;
        TopicChanges changes = last == null ? null : next.changesSince(last);
        if (changes != null) {
            changes.changed().forEach(this::handOver);
        }
        replicated.follow(next, last);
        if (changes == null) {
            tellStrays(next);
            return;
        }
        changes.removed().forEach(this::remove);
        if (!dynamicSettings(next).equals(dynamicSettings(last))) {
            next.topics().forEach(this::configure);
            return;
        }
        for (TopicImage topic : changes.changed()) {
            boolean same = last.topic(topic.id())
                    .map(old -> old.config().equals(topic.config()))
                    .orElse(true);
            if (!same) {
                configure(topic);
            }
        }
    }

    /** A partition with one replica gets more: from now on those are others' business, its logs too. */
    private void handOver(TopicImage topic) {
        for (PartitionImage partition : topic.partitions()) {
            Key key = new Key(topic.id(), partition.index());
            PartitionSlot slot = partition.replicated() ? slots.get(key) : null;
            if (slot != null && !slot.replicated() && slots.remove(key, slot)) {
                before.remove(key);
                CompletableFuture<Void> released = new CompletableFuture<>();
                replicated.release(topic.id(), partition.index(), released);
                slot.owner().execute(() -> closeLogs(
                                slot,
                                new PartitionUnavailableException(
                                        Reason.NOT_LEADER, topic.name() + "-" + key.index() + " gets other replicas"))
                        .whenComplete((done, failure) -> {
                            if (failure != null) {
                                log.error("{}-{} could not be closed", topic.name(), key.index(), failure);
                            }
                            released.complete(null);
                        }));
            }
        }
    }

    /** Owner's thread: ends the partition and closes its logs, also one that is being opened. */
    private CompletionStage<Void> closeLogs(PartitionSlot slot, PartitionUnavailableException reason) {
        Key key = slot.key();
        slot.close(reason);
        return slot.opening()
                .handle((opened, failure) -> null)
                .thenCompose(ignored -> slot.ledgerOpening())
                .handle((ledger, failure) -> null)
                .thenCompose(ignored -> logs.close(LogId.ledger(key.topicId(), key.index())))
                .thenCompose(ignored -> logs.close(LogId.records(key.topicId(), key.index())));
    }

    private List<Map<String, String>> dynamicSettings(ClusterImage of) {
        return List.of(of.brokerConfig(-1), of.brokerConfig(brokerId));
    }

    private void configure(TopicImage topic) {
        LogConfig config = configs.apply(topic.config());
        for (PartitionImage partition : topic.partitions()) {
            PartitionSlot slot = slots.get(new Key(topic.id(), partition.index()));
            if (slot != null && !partition.replicated()) {
                slot.use(open -> open.log().configure(config), failure -> {});
            }
        }
    }

    private void remove(TopicImage topic) {
        for (PartitionImage partition : topic.partitions()) {
            if (partition.replicated()) {
                continue; // its keeper ends it
            }
            PartitionSlot slot = slots.get(new Key(topic.id(), partition.index()));
            if (slot != null) {
                slot.owner().run(() -> drop(slot, topic.name()));
            } else {
                deleteIfThere(LogId.records(topic.id(), partition.index()));
                deleteIfThere(LogId.ledger(topic.id(), partition.index()));
            }
        }
    }

    /**
     * Logs of topics that the cluster does not know stay where they are. Their topics may have been deleted just before
     * a crash; but this may as well be the wrong ZooKeeper, and then removing them would lose everything.
     */
    private void tellStrays(ClusterImage first) {
        long strays = logs.logs().stream()
                .filter(id -> first.topic(id.topicId()).isEmpty())
                .count();
        if (strays > 0) {
            log.warn("{} logs on disk belong to topics that the cluster does not know; they are left alone", strays);
        }
    }

    /** Owner's thread: the partition is no more. */
    private void drop(PartitionSlot slot, String topicName) {
        Key key = slot.key();
        slot.close(
                new PartitionUnavailableException(Reason.UNKNOWN, topicName + "-" + key.index() + " has been deleted"));
        slots.remove(key, slot);
        before.remove(key);
        deleteIfThere(LogId.records(key.topicId(), key.index()));
        deleteIfThere(LogId.ledger(key.topicId(), key.index()));
    }

    private void deleteIfThere(LogId id) {
        if (!logs.exists(id)) {
            return;
        }
        logs.delete(id).whenComplete((done, failure) -> {
            if (failure != null) {
                log.error("the files of {} could not be removed", id, failure);
            } else {
                log.info("{} is removed", id);
            }
        });
    }

    /** Who may keep records from retention by time and size; before the first {@link #applyRetention}. */
    public void holdRetention(RetentionHold by) {
        hold = by;
    }

    /** Removes what retention no longer keeps. To be called from time to time, on any thread. */
    public void applyRetention() {
        for (PartitionSlot slot : slots.values()) {
            Owner owner = slot.owner();
            LedPartition partition = slot.open();
            if (partition != null) {
                owner.execute(() -> applyRetention(partition));
            }
        }
    }

    private void applyRetention(LedPartition partition) {
        if (partition.log().startOffset() == partition.log().endOffset()) {
            return;
        }
        if (logs.exists(LogId.ledger(partition.topicId(), partition.index()))) {
            hold.keepFrom(partition, keepFrom -> applyRetention(partition, keepFrom));
        } else {
            applyRetention(partition, Long.MAX_VALUE);
        }
    }

    private static void applyRetention(LedPartition partition, long keepFrom) {
        try {
            partition.log().applyRetention(Math.min(keepFrom, partition.lastStableOffset()));
        } catch (IOException e) {
            log.error("retention of {}-{} failed", partition.topicName(), partition.index(), e);
        }
    }

    /** Ends all that waits for a commit. The logs stay open: they are the store's. */
    @Override
    public void close() {
        closed = true;
        List<CompletableFuture<Void>> closing = new ArrayList<>();
        for (PartitionSlot slot : slots.values()) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            closing.add(done);
            slot.owner().run(() -> {
                slot.close(new PartitionUnavailableException(Reason.NOT_LEADER, "the broker stops"));
                done.complete(null);
            });
        }
        slots.clear();
        CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new)).join();
    }
}
