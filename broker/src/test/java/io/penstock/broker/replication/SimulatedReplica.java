package io.penstock.broker.replication;

import io.penstock.broker.partition.Owners;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionRegistry;
import io.penstock.protocol.message.ReplicaFetchRequest;
import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** One life of one broker: real registry, keeper and storage, on a simulated disk, network and authority. */
final class SimulatedReplica implements SimulatedNetwork.Node {
    static final UUID TOPIC = new UUID(9, 9);

    final int brokerId;
    final PausableOwner owner;
    final SimulatedAuthority.View metadata;
    private final SimulatedOwner inner;
    private final SimulatedWorkers workers;
    private final DirectoryLogStore store;
    private final ReplicaKeeper keeper;
    private final PartitionRegistry registry;
    private boolean dead;

    private SimulatedReplica(
            int brokerId,
            SimulatedTime time,
            SimulatedDisk disk,
            SimulatedNetwork network,
            SimulatedAuthority authority,
            LogConfig config,
            int minInSync,
            ReplicaRules rules,
            boolean clean)
            throws IOException {
        this.brokerId = brokerId;
        this.inner = new SimulatedOwner(time, "broker-" + brokerId);
        this.owner = new PausableOwner(inner);
        this.workers = new SimulatedWorkers(time, "broker-" + brokerId);
        this.store = DirectoryLogStore.open(StoreConfig.small(Path.of("/data")), disk, time, workers);
        this.metadata = authority.join(brokerId, clean, owner);
        Owners owners = new Owners() {
            @Override
            public Owner next() {
                return owner;
            }

            @Override
            public List<Owner> all() {
                return List.of(owner);
            }
        };
        this.keeper = new ReplicaKeeper(new ReplicaContext(
                brokerId,
                metadata,
                store,
                owners,
                time,
                settings -> config,
                settings -> minInSync,
                network.channel(brokerId),
                700_000_000L,
                4096,
                3000,
                200,
                new ByteRate(() -> 100_000, 0),
                new ByteRate(() -> 100_000, 0),
                rules));
        this.registry = new PartitionRegistry(brokerId, metadata::image, store, owners, settings -> config, keeper);
        metadata.subscribe(registry::follow);
        keeper.start();
        network.join(brokerId, this);
    }

    static SimulatedReplica start(
            int brokerId,
            SimulatedTime time,
            SimulatedDisk disk,
            SimulatedNetwork network,
            SimulatedAuthority authority,
            LogConfig config,
            int minInSync,
            ReplicaRules rules,
            boolean clean)
            throws IOException {
        return new SimulatedReplica(brokerId, time, disk, network, authority, config, minInSync, rules, clean);
    }

    @Override
    public void fetch(ReplicaFetchRequest request, Object connection, FetchReply reply) {
        keeper.fetch(request, connection, owner, reply);
    }

    @Override
    public void disconnected(int follower, Object connection) {
        keeper.disconnected(follower, connection);
    }

    @Override
    public void run(Runnable task) {
        if (!dead) {
            owner.execute(task);
        }
    }

    /** As a client's request: on the owner, with the partition if this broker leads it. */
    void with(Consumer<Partition> task, Consumer<Throwable> failed) {
        run(() -> registry.with(TOPIC, 0, task, failed));
    }

    /** The process dies. */
    void kill(SimulatedDisk disk, boolean power) {
        dead = true;
        owner.kill();
        workers.kill();
        if (power) {
            disk.powerCut();
        } else {
            disk.kill();
        }
    }
}
