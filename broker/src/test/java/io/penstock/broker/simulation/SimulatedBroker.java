package io.penstock.broker.simulation;

import io.penstock.broker.BrokerConfig;
import io.penstock.broker.BrokerParts;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.replication.ReplicaRules;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.login.Logins;
import io.penstock.broker.security.ClusterKeys;
import io.penstock.broker.security.LiveUsers;
import io.penstock.broker.security.UserNames;
import io.penstock.broker.zookeeper.SimulatedMetadata;
import io.penstock.broker.zookeeper.ZooKeeperModel;
import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.StoreConfig;
import java.io.IOException;
import java.nio.file.Path;

/**
 * One life of a broker: what {@code Broker.start} puts together, over the ports of the simulation. It begins when it is
 * made, and serves when it has registered.
 */
final class SimulatedBroker {
    /** Making them takes time, and here nobody logs in. */
    private static final ClusterKeys KEYS = new ClusterKeys(new byte[32]);

    final int id;
    final SimulatedProcess process;
    final MetadataStore metadata;
    final ZooKeeperModel.Client zookeeper;
    private final SimulatedCluster cluster;
    private final DirectoryLogStore logs;
    private final HandlerRegistry handlers = new HandlerRegistry();
    private final SimulatedPeers peers;
    /** Null until the cluster has been read. */
    private BrokerParts parts;

    private boolean serving;
    private boolean stopping;
    private int members;

    SimulatedBroker(SimulatedCluster cluster, int id, int life, ReplicaRules rules) throws IOException {
        this.cluster = cluster;
        this.id = id;
        SimulatedMachine machine = cluster.machine(id);
        BrokerConfig config = cluster.config(id);
        this.process = new SimulatedProcess(cluster.time, "broker-" + id + "-" + life);
        this.logs = DirectoryLogStore.open(
                StoreConfig.small(Path.of("/data")), machine.disk, machine.clock, process.workers);
        boolean clean = machine.beginsClean(logs.startedClean());
        this.zookeeper = cluster.zookeeper.client("broker-" + id);
        SimulatedMetadata opened = SimulatedMetadata.open(
                config.settings(), machine.clock, process.metadata, zookeeper, cluster::nextTopicId);
        this.metadata = opened.store();
        this.peers = new SimulatedPeers(
                id, process.loop, cluster.network, other -> metadata.image().broker(other));
        opened.store().use(peers);
        BrokerParts.Ports ports = new BrokerParts.Ports(
                config,
                machine.clock,
                process,
                process.workers,
                logs,
                metadata,
                peers,
                handlers,
                machine.resumeKey(),
                new Logins(new LiveUsers(KEYS), process.loop),
                rules,
                cluster::enrolment,
                () -> "member-" + id + "-" + life + "-" + members++);
        opened.begin();
        opened.firstLoad()
                .thenCompose(read -> {
                    parts = BrokerParts.make(ports);
                    return metadata.register(new BrokerImage(id, 0, "host" + id, 9092, null, clean));
                })
                .thenRun(() -> process.loop.execute(() -> serve(machine)))
                .exceptionally(failure -> {
                    cluster.wrong("broker " + id + " does not start", failure);
                    return null;
                });
    }

    private void serve(SimulatedMachine of) {
        of.registered();
        parts.start();
        serving = true;
        cluster.network.listen(
                id,
                end -> new ServerConnection(
                        end,
                        process.loop,
                        handlers,
                        cluster.machine(end.there) == null ? UserNames.ANONYMOUS : UserNames.BROKER,
                        (machine, frame) -> cluster.pushed(id, machine, frame)));
    }

    boolean serving() {
        return serving && !process.dead() && !process.paused() && !stopping;
    }

    void pause() {
        process.pause();
        zookeeper.pause();
    }

    void resume() {
        if (!process.dead()) {
            process.resume();
            zookeeper.resume();
        }
    }

    /** SIGKILL, or the loss of power. */
    void kill(boolean power) {
        process.kill();
        zookeeper.kill();
        SimulatedMachine machine = cluster.machine(id);
        if (power) {
            machine.powerCut();
        } else {
            machine.disk.kill();
        }
        cluster.network.died(id, power);
    }

    /** As SIGTERM: {@code stopped} runs when the process has ended by itself. */
    void stop(Runnable stopped) {
        if (stopping || !serving) {
            return;
        }
        stopping = true;
        boolean[] left = {false};
        Runnable end = () -> {
            if (!left[0]) {
                left[0] = true;
                process.loop.execute(() -> end(stopped));
            }
        };
        process.loop.schedule(
                end, cluster.config(id).settings().longValue("controlled.shutdown.timeout.ms") * 1_000_000);
        if (metadata.image().brokers().size() < 2) {
            end.run();
        } else {
            metadata.leave().whenComplete((done, failure) -> end.run());
        }
    }

    private void end(Runnable stopped) {
        cluster.network.died(id, false);
        parts.stopDelivery()
                .whenComplete((done, failure) -> process.loop.execute(() -> {
                    parts.close();
                    peers.close();
                    try {
                        logs.close();
                    } catch (IOException e) {
                        // Not closed cleanly, then; the next life recovers.
                    }
                    zookeeper.endSession();
                    process.kill();
                    cluster.machine(id).disk.kill();
                    stopped.run();
                }));
    }
}
