package io.penstock.broker.delivery;

import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Workers;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** One life of a broker with one partition: real storage on a simulated disk, and delivery with a queue and a topic's group. */
final class SimulatedBroker {

    static final String QUEUE = "orders";
    static final String AUDIT = "client/audit";

    final SimulatedOwner owner;
    final SerialWorkers workers;
    final DirectoryLogStore store;
    final FakePartition partition;
    final PartitionDelivery delivery;
    boolean dead;

    private SimulatedBroker(
            SimulatedOwner owner,
            SerialWorkers workers,
            DirectoryLogStore store,
            FakePartition partition,
            PartitionDelivery delivery) {
        this.owner = owner;
        this.workers = workers;
        this.store = store;
        this.partition = partition;
        this.delivery = delivery;
    }

    static SimulatedBroker start(
            SimulatedTime time, SimulatedDisk disk, DeliveryConfig config, DeliverySimulation.Sabotage sabotage)
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
        PartitionLog log = store.openNow(LogId.records(FakePartition.TOPIC, 0), logs, owner);
        PartitionLog ledger = store.openNow(LogId.ledger(FakePartition.TOPIC, 0), logs, owner);
        if (sabotage == DeliverySimulation.Sabotage.CONFIRM_BEFORE_DURABLE) {
            ledger = impatient(ledger);
        }
        FakePartition partition = new FakePartition(owner, log, ledger);
        List<PartitionDelivery> opened = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        owner.runHere(() -> PartitionDelivery.open(
                        partition,
                        new DeliveryContext(owner, time, config, store.startedClean()),
                        SettledRetention.CONSUMED)
                .whenComplete((delivery, failure) -> {
                    if (failure != null) {
                        failures.add(failure);
                    } else {
                        opened.add(delivery);
                    }
                }));
        if (!failures.isEmpty()) {
            throw new IOException("delivery does not open", failures.get(0));
        }
        SimulatedBroker broker = new SimulatedBroker(owner, workers, store, partition, opened.get(0));
        owner.runHere(broker::createGroups);
        return broker;
    }

    private void createGroups() {
        delivery.createGroup(GroupSpec.queue(QUEUE, 0), refusal -> {});
        delivery.createGroup(new GroupSpec(AUDIT, 1, GroupSpec.Kind.DURABLE, 0, null), refusal -> {
            if (refusal != null && delivery.working()) {
                owner.schedule(this::createGroups, 100_000_000);
            }
        });
    }

    boolean serves(String name) {
        return delivery.working() && delivery.group(name).isPresent();
    }

    SharePartition group(String name) {
        return delivery.group(name).orElseThrow();
    }

    void kill() {
        dead = true;
        owner.kill();
        workers.kill();
    }

    /** What replay of the ledger must give, when nothing is pending. */
    ByteBuffer digest() {
        List<GroupState> states = new ArrayList<>();
        delivery.groups().forEach(group -> states.add(group.state()));
        EntryBuffer out = new EntryBuffer(256);
        LedgerState.writeSnapshot(out, delivery.nextGroupNumber(), 0, states, states.size());
        return out.written();
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
