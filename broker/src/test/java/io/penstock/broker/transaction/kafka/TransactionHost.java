package io.penstock.broker.transaction.kafka;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Owners;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionRegistry;
import io.penstock.broker.shard.PartitionShardLog;
import io.penstock.broker.shard.ShardLoader;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * One life of a broker with Kafka's transactions: the real coordinator's shard, gate and markers over the real registry
 * and storage, on a simulated disk.
 */
final class TransactionHost {
    static final int PARTITIONS = 3;
    private static final UUID STATE = new UUID(8, 1);
    private static final UUID DATA = new UUID(8, 2);

    final SimulatedOwner owner;
    final SimulatedWorkers workers;
    final DirectoryLogStore store;
    final List<Partition> partitions = new ArrayList<>();
    boolean dead;
    IOException failure;

    private final PartitionRegistry registry;
    private final TransactionSimulation.Sabotage sabotage;
    private final TransactionGate gate;
    private TransactionShard shard;

    /** How a Produce ended. */
    enum Produced {
        DONE,
        /** To be sent again as it is. */
        RETRY,
        /** Its transaction cannot be committed any more. */
        REFUSED,
        /** Somebody else has the transactional id. */
        FENCED
    }

    TransactionHost(
            SimulatedTime time,
            SimulatedDisk disk,
            LogConfig.FlushPolicy policy,
            int life,
            TransactionSimulation.Sabotage sabotage,
            Consumer<Consumer<Long>> producerIds)
            throws IOException {
        this.sabotage = sabotage;
        owner = new SimulatedOwner(time, "owner" + life);
        workers = new SimulatedWorkers(time, "workers" + life);
        store = DirectoryLogStore.open(StoreConfig.small(Path.of("/data")), disk, time, workers);
        ClusterImage image = image(policy, life);
        registry = new PartitionRegistry(
                1,
                () -> image,
                sabotage == TransactionSimulation.Sabotage.COUNT_UNFORCED_MARKERS ? hasty(store) : store,
                new Owners() {
                    @Override
                    public Owner next() {
                        return owner;
                    }

                    @Override
                    public List<Owner> all() {
                        return List.of(owner);
                    }
                },
                settings -> logs(LogConfig.FlushPolicy.valueOf(settings.get("policy"))));
        LocalMarkers markers = new LocalMarkers(() -> image, registry);
        gate = new TransactionGate(new Here());
        registry.with(STATE, 0, state -> load(state, time, markers, producerIds), this::failed);
        for (int i = 0; i < PARTITIONS; i++) {
            registry.with(DATA, i, partitions::add, this::failed);
        }
    }

    private void failed(Throwable cause) {
        if (failure == null) {
            failure = new IOException(cause);
        }
    }

    private void load(Partition state, SimulatedTime time, MarkerPort markers, Consumer<Consumer<Long>> producerIds) {
        TransactionShard loading = new TransactionShard(
                0, owner, time, TransactionSimulation.CONFIG, markers, producerIds::accept, state.leaderEpoch());
        ShardLoader.load(state, workers.io(), TransactionRecordCodec::decode, loading::replay)
                .whenComplete((done, refusal) -> {
                    if (refusal != null) {
                        failed(refusal);
                        return;
                    }
                    loading.activate(
                            new PartitionShardLog<>(state, time, TransactionRecordCodec::encode), this::failed);
                    shard = loading;
                });
    }

    private static ClusterImage image(LogConfig.FlushPolicy policy, int life) {
        List<PartitionImage> data = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            data.add(new PartitionImage(i, 1, life, List.of(1), List.of(1)));
        }
        Map<String, String> forced = Map.of("policy", LogConfig.FlushPolicy.BEFORE_REPLY.name());
        return PersistentClusterImage.empty("simulated")
                .withTopic(new TopicImage("state", STATE, List.of(data.get(0)), forced))
                .withTopic(new TopicImage("data", DATA, List.copyOf(data), Map.of("policy", policy.name())));
    }

    private static LogConfig logs(LogConfig.FlushPolicy policy) {
        return new LogConfig(32 << 10, Long.MAX_VALUE, -1, -1, policy, 500, 2_000, 1 << 20, 512, false);
    }

    static TransactionPartition partition(int index) {
        return new TransactionPartition(DATA, "data", index);
    }

    boolean serves() {
        return !dead && failure == null && shard != null && partitions.size() == PARTITIONS;
    }

    void kill() {
        dead = true;
        owner.kill();
        workers.kill();
    }

    // ---- requests, on the owner

    void init(String id, int timeoutMillis, Consumer<InitResult> reply) {
        at(() -> shard.init(id, timeoutMillis, ProducerIdentity.NONE, reply));
    }

    void add(String id, ProducerIdentity client, int partition, Consumer<TransactionError> reply) {
        at(() -> shard.add(id, client, Set.of(partition(partition)), 1, reply));
    }

    void end(String id, ProducerIdentity client, boolean commit, int version, Consumer<InitResult> reply) {
        at(() -> {
            ProducerIdentity named = client;
            if (sabotage == TransactionSimulation.Sabotage.TAKE_LATE_ENDS
                    && shard.describe(id).error() == TransactionError.NONE) {
                named = shard.describe(id).producer();
            }
            shard.end(id, named, commit, version, reply);
        });
    }

    private void at(Runnable task) {
        if (serves()) {
            owner.execute(() -> {
                if (serves()) {
                    task.run();
                }
            });
        }
    }

    void produce(
            String id,
            ProducerIdentity client,
            int index,
            int version,
            byte[] batch,
            BiConsumer<Produced, Long> reply) {
        at(() -> {
            Partition partition = partitions.get(index);
            Runnable append = () -> partition.append(
                    ByteBuffer.wrap(batch.clone()),
                    AppendOrigin.CLIENT,
                    true,
                    (done, refusal) -> reply.accept(
                            refusal == null ? Produced.DONE : outcome(refusal), done == null ? -1 : done.baseOffset()));
            if (sabotage == TransactionSimulation.Sabotage.VERIFY_NOTHING && version < Transaction.WITH_EPOCH_BUMP) {
                // As Kafka did before KIP-890: bug 15.
                partition.transactions().verify(client.producerId()).finish(append);
                return;
            }
            gate.pass(
                    partition,
                    id,
                    client,
                    version >= Transaction.WITH_EPOCH_BUMP,
                    append,
                    error -> reply.accept(outcome(error), -1L));
        });
    }

    private static Produced outcome(IOException refusal) {
        if (!(refusal instanceof LogException known)) {
            return Produced.RETRY;
        }
        return switch (known.reason()) {
            case FENCED_PRODUCER_EPOCH -> Produced.FENCED;
            case OUT_OF_ORDER_SEQUENCE, UNKNOWN_PRODUCER, INVALID_TRANSACTION_STATE -> Produced.REFUSED;
            default -> Produced.RETRY;
        };
    }

    private static Produced outcome(TransactionError error) {
        return switch (error) {
            case PRODUCER_FENCED, INVALID_PRODUCER_ID_MAPPING -> Produced.FENCED;
            case INVALID_TXN_STATE, INVALID_REQUEST -> Produced.REFUSED;
            default -> Produced.RETRY;
        };
    }

    /** The coordinator as the gate sees it. */
    private final class Here implements Enrolment {
        @Override
        public CompletableFuture<TransactionError> add(
                String id, ProducerIdentity client, Set<TransactionPartition> added, int version) {
            CompletableFuture<TransactionError> answer = new CompletableFuture<>();
            shard.add(id, client, added, version, answer::complete);
            return answer;
        }

        @Override
        public CompletableFuture<TransactionError> verify(
                String id, ProducerIdentity client, TransactionPartition partition) {
            CompletableFuture<TransactionError> answer = new CompletableFuture<>();
            shard.verify(id, client, partition, answer::complete);
            return answer;
        }
    }

    /** Logs that say of everything that it is forced. */
    private static LogStore hasty(LogStore store) {
        return proxy(LogStore.class, store, "open", args -> {
            CompletionStage<?> opened = store.open((LogId) args[0], (LogConfig) args[1], (Owner) args[2]);
            return opened.thenApply(log -> proxy(PartitionLog.class, (PartitionLog) log, "onForced", asked -> {
                @SuppressWarnings("unchecked")
                Consumer<IOException> done = (Consumer<IOException>) asked[0];
                done.accept(null);
                return null;
            }));
        });
    }

    private static <T> T proxy(
            Class<T> type, T real, String replaced, java.util.function.Function<Object[], Object> with) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            if (method.getName().equals(replaced)) {
                return with.apply(args);
            }
            try {
                return method.invoke(real, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }
}
