package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.broker.partition.PartitionUnavailableException.Reason;
import io.penstock.broker.partition.Partitions;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Partitions with one replica on a log store, opened on the caller's thread: for the simulation's single thread. */
final class SimulatedPartitions implements Partitions {
    private final int brokerId;
    private final LogStore logs;
    private final MetadataStore metadata;
    private final List<? extends Owner> owners;
    private final LogConfig config;
    private final Map<LogId, SimulatedPartition> open = new HashMap<>();
    private final Set<LogId> recovering = new HashSet<>();

    SimulatedPartitions(
            int brokerId, LogStore logs, MetadataStore metadata, List<? extends Owner> owners, LogConfig config) {
        this.brokerId = brokerId;
        this.logs = logs;
        this.metadata = metadata;
        this.owners = owners;
        this.config = config;
    }

    @Override
    public CompletionStage<Partition> partition(UUID topicId, int index) {
        CompletableFuture<Partition> future = new CompletableFuture<>();
        with(topicId, index, future::complete, future::completeExceptionally);
        return future;
    }

    @Override
    public void with(UUID topicId, int index, Consumer<Partition> task, Consumer<Throwable> failed) {
        SimulatedPartition partition;
        try {
            partition = open(topicId, index);
        } catch (IOException e) {
            failed.accept(e);
            return;
        }
        partition.owner().run(() -> task.accept(partition));
    }

    private SimulatedPartition open(UUID topicId, int index) throws IOException {
        LogId id = LogId.records(topicId, index);
        SimulatedPartition partition = open.get(id);
        if (partition != null) {
            return partition;
        }
        if (recovering.contains(id)) {
            throw new PartitionUnavailableException(Reason.OFFLINE, topicId + "-" + index + " is being recovered");
        }
        Optional<TopicImage> topic = metadata.image().topic(topicId);
        if (topic.isEmpty() || index < 0 || index >= topic.get().partitions().size()) {
            throw new PartitionUnavailableException(Reason.UNKNOWN, "there is no partition " + topicId + "-" + index);
        }
        if (topic.get().partitions().get(index).leader() != brokerId) {
            throw new PartitionUnavailableException(Reason.NOT_LEADER, "another leads " + topicId + "-" + index);
        }
        Owner owner = owners.get(Math.floorMod(topicId.hashCode() + index, owners.size()));
        partition = new SimulatedPartition(topic.get(), index, owner, logs.openNow(id, configOf(topic.get()), owner));
        open.put(id, partition);
        return partition;
    }

    /** As the registry does it: closed now, and opened by the next who asks. Where a ledger is open it stays as it is. */
    private void recover(SimulatedPartition partition) {
        LogId id = partition.log.id();
        if (partition.ledger == null && open.remove(id, partition)) {
            recovering.add(id);
            partition.owner.execute(() -> logs.close(id).whenComplete((done, failure) -> recovering.remove(id)));
        }
    }

    private LogConfig configOf(TopicImage topic) {
        return "before-reply".equals(topic.config().get("flush.policy"))
                ? config.withFlushPolicy(LogConfig.FlushPolicy.BEFORE_REPLY)
                : config;
    }

    @Override
    public Iterable<Partition> open() {
        return new ArrayList<>(open.values());
    }

    private final class SimulatedPartition implements Partition {
        private final TopicImage topic;
        private final int index;
        private final Owner owner;
        private final PartitionLog log;
        private final long openedEndOffset;
        private final List<Runnable> listeners = new ArrayList<>();
        private PartitionLog ledger;

        SimulatedPartition(TopicImage topic, int index, Owner owner, PartitionLog log) {
            this.topic = topic;
            this.index = index;
            this.owner = owner;
            this.log = log;
            this.openedEndOffset = log.endOffset();
        }

        @Override
        public UUID topicId() {
            return topic.id();
        }

        @Override
        public String topicName() {
            return topic.name();
        }

        @Override
        public int index() {
            return index;
        }

        @Override
        public Owner owner() {
            return owner;
        }

        @Override
        public int leaderEpoch() {
            return 0;
        }

        @Override
        public PartitionLog log() {
            owner.requireCurrent();
            return log;
        }

        @Override
        public long openedEndOffset() {
            return openedEndOffset;
        }

        @Override
        public long highWatermark() {
            return log.durableEndOffset();
        }

        @Override
        public long lastStableOffset() {
            return highWatermark();
        }

        @Override
        public void append(ByteBuffer batches, AppendOrigin origin, boolean wait, AppendCallback callback) {
            owner.requireCurrent();
            try {
                var append = log.append(batches, leaderEpoch(), origin);
                if (!wait) {
                    callback.done(append, null);
                }
                log.onDurable(failure -> {
                    if (wait) {
                        callback.done(failure == null ? append : null, failure);
                    }
                    if (failure != null) {
                        recover(this);
                    } else {
                        new ArrayList<>(listeners).forEach(Runnable::run);
                    }
                });
            } catch (IOException e) {
                callback.done(null, e);
                if (!(e instanceof DiskFullException)) {
                    recover(this);
                }
            }
        }

        @Override
        public LogSlice read(long offset, int maxBytes, boolean readCommitted, boolean atLeastOneBatch)
                throws IOException {
            return log.read(offset, maxBytes, highWatermark(), atLeastOneBatch);
        }

        @Override
        public Registration onHighWatermark(Runnable listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }

        @Override
        public CompletionStage<PartitionLog> ledger() {
            if (ledger == null) {
                try {
                    ledger = logs.openNow(LogId.ledger(topic.id(), index), config, owner);
                } catch (IOException e) {
                    return CompletableFuture.failedFuture(e);
                }
            }
            return CompletableFuture.completedFuture(ledger);
        }

        @Override
        public void advanceStartOffset(long offset) throws IOException {
            log.advanceStartOffset(offset);
        }
    }
}
