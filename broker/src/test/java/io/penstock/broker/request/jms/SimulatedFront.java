package io.penstock.broker.request.jms;

import io.penstock.broker.config.LiveSettings;
import io.penstock.broker.delivery.DeliveryConfig;
import io.penstock.broker.delivery.DeliveryContext;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.PenstockApi;
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
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The JMS front on real delivery and storage, with simulated time, disk and owners, and no wire. It can be killed, or
 * lose its power, and be started again.
 */
final class SimulatedFront {
    final SimulatedTime time;
    final SimulatedDisk disk;
    final InMemoryMetadataStore metadata;
    private final int loops;
    private final LogConfig logConfig;
    private final Map<PenstockApi, PrivateHandler> handlers = new EnumMap<>(PenstockApi.class);
    private List<SimulatedOwner> owners = List.of();
    private SimulatedWorkers workers;
    private DirectoryLogStore logs;
    private int starts;
    JmsFront front;

    SimulatedFront(long seed) {
        this(seed, 1, LogConfig.FlushPolicy.BEFORE_REPLY);
    }

    SimulatedFront(long seed, int loops, LogConfig.FlushPolicy policy) {
        this.time = new SimulatedTime(seed);
        this.disk = new SimulatedDisk(seed);
        // Random topic ids would let maps that are keyed by them go round in another order in each run of a seed.
        Random ids = new Random(seed);
        this.metadata = new InMemoryMetadataStore("test", () -> random(ids));
        this.loops = loops;
        this.logConfig = LogConfig.defaults().withFlushPolicy(policy);
        metadata.register(new BrokerImage(1, 0, "127.0.0.1", 9092, null));
        start();
    }

    /** As {@link UUID#randomUUID} makes them: other versions are not the ids of topics. */
    private static UUID random(Random ids) {
        long most = ids.nextLong() & ~0xF000L | 0x4000L;
        return new UUID(most, ids.nextLong() & ~(3L << 62) | 2L << 62);
    }

    void start() {
        workers = new SimulatedWorkers(time, "workers-" + starts++);
        owners = new ArrayList<>();
        for (int i = 0; i < loops; i++) {
            owners.add(new SimulatedOwner(time, "loop-" + starts + "-" + i));
        }
        try {
            logs = DirectoryLogStore.open(StoreConfig.small(Path.of("/data")), disk, time, workers);
        } catch (IOException e) {
            throw new AssertionError("the store does not open", e);
        }
        Map<Owner, DeliveryContext> contexts = new HashMap<>();
        boolean clean = logs.startedClean();
        front = new JmsFront(
                new JmsFront.Ports(
                        1,
                        (short) 1,
                        metadata,
                        new SimulatedPartitions(logs, metadata, owners, logConfig),
                        time,
                        new LiveSettings(() -> metadata.image().brokerConfig(ClusterImage.DESTINATIONS)),
                        owner -> contexts.computeIfAbsent(
                                owner, made -> new DeliveryContext(made, time, DeliveryConfig.defaults(), clean)),
                        Authenticator.anonymous(false),
                        Authoriser.allowAll(),
                        new byte[32]),
                FrontLimits.defaults());
        handlers.clear();
        front.handlers().forEach(handler -> handlers.put(handler.api(), handler));
        front.start();
    }

    PrivateHandler handler(PenstockApi api) {
        return handlers.get(api);
    }

    SimulatedOwner loop(int index) {
        return owners.get(index % owners.size());
    }

    /** SIGKILL: what was written survives. */
    void kill() {
        owners.forEach(SimulatedOwner::kill);
        workers.kill();
        disk.kill();
    }

    void powerCut() {
        owners.forEach(SimulatedOwner::kill);
        workers.kill();
        disk.powerCut();
    }

    void runFor(long millis) {
        time.runFor(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
