package io.penstock.broker.request.jms;

import io.penstock.broker.config.LiveSettings;
import io.penstock.broker.delivery.DeliveryConfig;
import io.penstock.broker.delivery.DeliveryContext;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.broker.security.ClusterKeys;
import io.penstock.broker.security.LiveUsers;
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
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The JMS front on real delivery and storage, with simulated time, disk and owners, and no wire. It can be killed, or
 * lose its power, and be started again.
 */
final class SimulatedFront {
    private static final ClusterKeys KEYS = new ClusterKeys(new byte[32]);

    final SimulatedTime time;
    final SimulatedDisk disk;
    final InMemoryMetadataStore metadata;
    private final int brokerId;
    private final Map<Integer, SimulatedPeers.Line> lines;
    private final int loops;
    private boolean alive;
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
        this(1, new SimulatedTime(seed), seed, metadata(seed), Map.of(), loops, policy);
        metadata.register(new BrokerImage(1, 0, "127.0.0.1", 9092, null));
        start();
    }

    /** One of several, not started. */
    SimulatedFront(
            int brokerId,
            SimulatedTime time,
            long seed,
            InMemoryMetadataStore metadata,
            Map<Integer, SimulatedPeers.Line> lines,
            int loops,
            LogConfig.FlushPolicy policy) {
        this.brokerId = brokerId;
        this.time = time;
        this.disk = new SimulatedDisk(seed + brokerId);
        this.metadata = metadata;
        this.lines = lines;
        this.loops = loops;
        this.logConfig = LogConfig.defaults().withFlushPolicy(policy);
    }

    static InMemoryMetadataStore metadata(long seed) {
        // Random topic ids would let maps that are keyed by them go round in another order in each run of a seed.
        Random ids = new Random(seed);
        return new InMemoryMetadataStore("test", () -> random(ids));
    }

    /** What one life of the broker sees of the authority: nothing any more once it is dead. */
    private MetadataStore ofThisLife() {
        int life = starts;
        return (MetadataStore) Proxy.newProxyInstance(
                MetadataStore.class.getClassLoader(), new Class<?>[] {MetadataStore.class}, (proxy, method, args) -> {
                    if (!method.getName().equals("subscribe")) {
                        return method.invoke(metadata, args);
                    }
                    @SuppressWarnings("unchecked")
                    Consumer<ClusterImage> listener = (Consumer<ClusterImage>) args[0];
                    metadata.subscribe(image -> {
                        if (alive && life == starts) {
                            listener.accept(image);
                        }
                    });
                    return null;
                });
    }

    /** As {@link UUID#randomUUID} makes them: other versions are not the ids of topics. */
    private static UUID random(Random ids) {
        long most = ids.nextLong() & ~0xF000L | 0x4000L;
        return new UUID(most, ids.nextLong() & ~(3L << 62) | 2L << 62);
    }

    void start() {
        alive = true;
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
                        brokerId,
                        (short) 1,
                        ofThisLife(),
                        new SimulatedPartitions(brokerId, logs, metadata, owners, logConfig),
                        time,
                        new LiveSettings(() -> metadata.image().brokerConfig(ClusterImage.DESTINATIONS)),
                        owner -> contexts.computeIfAbsent(
                                owner, made -> new DeliveryContext(made, time, DeliveryConfig.defaults(), clean)),
                        Authenticator.of(new LiveUsers(KEYS)),
                        Authoriser.allowAll(),
                        new byte[32],
                        new SimulatedPeers(lines),
                        principal -> true,
                        owners.get(0)),
                FrontLimits.defaults());
        handlers.clear();
        front.handlers().forEach(handler -> handlers.put(handler.api(), handler));
        front.start();
    }

    boolean isAlive() {
        return alive;
    }

    /** Which life this is, to know answers of an earlier one. */
    int life() {
        return starts;
    }

    PrivateHandler handler(PenstockApi api) {
        return handlers.get(api);
    }

    SimulatedOwner loop(int index) {
        return owners.get(index % owners.size());
    }

    /** SIGKILL: what was written survives. */
    void kill() {
        alive = false;
        owners.forEach(SimulatedOwner::kill);
        workers.kill();
        disk.kill();
    }

    void powerCut() {
        alive = false;
        owners.forEach(SimulatedOwner::kill);
        workers.kill();
        disk.powerCut();
    }

    void runFor(long millis) {
        time.runFor(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
