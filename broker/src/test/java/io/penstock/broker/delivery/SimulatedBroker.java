package io.penstock.broker.delivery;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.PersistentClusterImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Owners;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionRegistry;
import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Workers;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * One life of a broker: the real registry with its partitions over real storage on a simulated disk, and on each
 * partition a queue's group, a durable subscription (noLocal) and a non-durable one.
 */
final class SimulatedBroker {

    static final String QUEUE = "orders";
    /** The subscription does not want every message. */
    static final String AUDIT_SELECTOR = "color <> 'green'";

    static final String AUDIT = "client/audit";
    static final String LIVE = "live";
    static final String SENDER = "client";
    static final int PARTITIONS = 2;
    private static final UUID TOPIC = new UUID(7, 7);
    private static final ClusterImage IMAGE = image();

    final SimulatedOwner owner;
    final SerialWorkers workers;
    final DirectoryLogStore store;
    final List<Part> parts = new ArrayList<>();
    boolean dead;

    private SimulatedBroker(SimulatedOwner owner, SerialWorkers workers, DirectoryLogStore store) {
        this.owner = owner;
        this.workers = workers;
        this.store = store;
    }

    static SimulatedBroker start(
            SimulatedTime time,
            SimulatedDisk disk,
            DeliveryConfig config,
            DeliverySimulation.Sabotage sabotage,
            long liveIncarnation)
            throws IOException {
        SimulatedOwner owner = new SimulatedOwner(time, "owner");
        SerialWorkers workers = new SerialWorkers(time);
        DirectoryLogStore store = DirectoryLogStore.open(StoreConfig.small(Path.of("/data")), disk, time, workers);
        LogConfig logs = new LogConfig(
                16 << 10,
                Long.MAX_VALUE,
                -1,
                -1,
                LogConfig.FlushPolicy.BEFORE_REPLY,
                Long.MAX_VALUE,
                1000,
                1 << 20,
                512,
                false);
        SimulatedBroker broker = new SimulatedBroker(owner, workers, store);
        PartitionRegistry registry = new PartitionRegistry(
                1,
                () -> IMAGE,
                opensAtOnce(store, sabotage),
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
                settings -> logs);
        DeliveryContext context = new DeliveryContext(owner, time, config, store.startedClean());
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            int index = i;
            owner.runHere(() -> registry.partition(TOPIC, index)
                    .thenCompose(partition -> PartitionDelivery.open(partition, context, SettledRetention.CONSUMED))
                    .whenComplete((delivery, failure) -> {
                        if (failure != null) {
                            failures.add(failure);
                        } else {
                            broker.parts.add(broker.new Part(delivery));
                        }
                    }));
        }
        if (!failures.isEmpty()) {
            throw new IOException("delivery does not open", failures.get(0));
        }
        owner.runHere(() -> broker.parts.forEach(part -> part.createGroups(liveIncarnation)));
        return broker;
    }

    private static PersistentClusterImage image() {
        List<PartitionImage> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new PartitionImage(i, 1, 3, List.of(1), List.of(1)));
        }
        return PersistentClusterImage.empty("simulated")
                .withTopic(new TopicImage("orders", TOPIC, List.copyOf(partitions), Map.of()));
    }

    /** Opening takes no simulated time, so that a life of the broker begins in one step. */
    private static LogStore opensAtOnce(LogStore store, DeliverySimulation.Sabotage sabotage) {
        return (LogStore) Proxy.newProxyInstance(
                LogStore.class.getClassLoader(), new Class<?>[] {LogStore.class}, (proxy, method, args) -> {
                    try {
                        if (!method.getName().equals("open")) {
                            return method.invoke(store, args);
                        }
                        LogId id = (LogId) args[0];
                        PartitionLog log = store.openNow(id, (LogConfig) args[1], (Owner) args[2]);
                        if (sabotage == DeliverySimulation.Sabotage.CONFIRM_BEFORE_DURABLE
                                && id.kind() == LogId.Kind.LEDGER) {
                            return CompletableFuture.completedFuture(impatient(log));
                        }
                        return CompletableFuture.completedFuture(
                                sabotage == DeliverySimulation.Sabotage.DELIVER_UNDECIDED ? hasty(log) : log);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } catch (IOException e) {
                        return CompletableFuture.failedFuture(e);
                    }
                });
    }

    /** One partition and its delivery. */
    final class Part {
        final PartitionDelivery delivery;
        final Partition partition;

        Part(PartitionDelivery delivery) {
            this.delivery = delivery;
            this.partition = delivery.partition();
        }

        private void createGroups(long liveIncarnation) {
            delivery.createGroup(GroupSpec.queue(QUEUE, 0), refusal -> {});
            createLive(liveIncarnation);
            createAudit();
        }

        private void createAudit() {
            GroupSpec audit = new GroupSpec(AUDIT, 1, GroupSpec.Kind.DURABLE, 0, SENDER, AUDIT_SELECTOR);
            delivery.createGroup(audit, refusal -> {
                if (refusal != null && delivery.working()) {
                    owner.schedule(this::createAudit, 100_000_000);
                }
            });
        }

        void createLive(long incarnation) {
            long start = partition.highWatermark();
            delivery.createGroup(
                    new GroupSpec(LIVE, incarnation, GroupSpec.Kind.NON_DURABLE, start, null), refusal -> {});
        }

        boolean serves(String name) {
            return delivery.working() && delivery.group(name).isPresent();
        }

        SharePartition group(String name) {
            return delivery.group(name).orElseThrow();
        }

        /** Up to where each group had looked. */
        Map<String, Long> nextOffsets() {
            Map<String, Long> offsets = new HashMap<>();
            for (SharePartition group : delivery.groups()) {
                if (group.spec().kind().logged()) {
                    offsets.put(group.spec().groupId(), group.state().nextOffset());
                }
            }
            return offsets;
        }

        /** What replay of the ledger must give, when nothing is pending. */
        ByteBuffer digest() {
            List<GroupState> states = new ArrayList<>();
            for (SharePartition group : delivery.groups()) {
                if (group.spec().kind().logged()) {
                    states.add(group.state());
                }
            }
            states.sort(Comparator.comparing(state -> state.number));
            EntryBuffer out = new EntryBuffer(256);
            LedgerState.writeSnapshot(out, 0, 0, states, states.size());
            return out.written();
        }
    }

    Part part(int index) {
        return parts.get(index);
    }

    boolean working() {
        return parts.stream().allMatch(part -> part.delivery.working());
    }

    Optional<IOException> failure() {
        return parts.stream().flatMap(part -> part.delivery.failure().stream()).findFirst();
    }

    void kill() {
        dead = true;
        owner.kill();
        workers.kill();
    }

    /** A log that takes every transaction for committed. */
    private static PartitionLog hasty(PartitionLog log) {
        return (PartitionLog) Proxy.newProxyInstance(
                PartitionLog.class.getClassLoader(), new Class<?>[] {PartitionLog.class}, (proxy, method, args) -> {
                    if (method.getName().equals("fate")) {
                        return PartitionLog.TransactionFate.COMMITTED;
                    }
                    try {
                        return method.invoke(log, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** A ledger that says "durable" before it is. */
    private static PartitionLog impatient(PartitionLog ledger) {
        return (PartitionLog) Proxy.newProxyInstance(
                PartitionLog.class.getClassLoader(), new Class<?>[] {PartitionLog.class}, (proxy, method, args) -> {
                    if (method.getName().equals("onDurable")) {
                        @SuppressWarnings("unchecked")
                        Consumer<IOException> done = (Consumer<IOException>) args[0];
                        ledger.onDurable(failure -> {});
                        done.accept(null);
                        return null;
                    }
                    try {
                        return method.invoke(ledger, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Sync and I/O threads whose speed the simulation sets. */
    static final class SerialWorkers implements Workers {
        private final SimulatedTime time;
        private final Serial sync;
        private final Serial io;
        /** Longest wait before a sync. */
        long syncMaxNanos = 500_000;

        SerialWorkers(SimulatedTime time) {
            this.time = time;
            this.sync = new Serial(true);
            this.io = new Serial(false);
        }

        private final class Serial implements Executor {
            private final boolean syncs;
            private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
            private boolean busy;
            private boolean dead;

            Serial(boolean syncs) {
                this.syncs = syncs;
            }

            @Override
            public void execute(Runnable task) {
                if (!dead) {
                    tasks.add(task);
                    next();
                }
            }

            private void next() {
                if (!busy && !tasks.isEmpty()) {
                    busy = true;
                    long max = syncs ? syncMaxNanos : 2_000_000;
                    time.after(time.random().nextLong(max + 1), () -> {
                        busy = false;
                        Runnable task = dead ? null : tasks.poll();
                        if (task != null) {
                            task.run();
                            next();
                        }
                    });
                }
            }
        }

        @Override
        public Executor sync() {
            return sync;
        }

        @Override
        public Executor io() {
            return io;
        }

        void kill() {
            sync.dead = true;
            io.dead = true;
        }

        @Override
        public void close() {
            // Tasks are events of the simulation; nothing to wait for.
        }
    }
}
