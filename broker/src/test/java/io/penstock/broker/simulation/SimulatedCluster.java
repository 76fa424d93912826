package io.penstock.broker.simulation;

import io.penstock.broker.BrokerConfig;
import io.penstock.broker.InvalidConfigException;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.replication.OldBug;
import io.penstock.broker.replication.ReplicaRules;
import io.penstock.broker.transaction.kafka.Enrolment;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionError;
import io.penstock.broker.transaction.kafka.TransactionPartition;
import io.penstock.broker.zookeeper.StateInvariants;
import io.penstock.broker.zookeeper.ZooKeeperModel;
import io.penstock.storage.simulation.SimulatedTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/** Brokers, their machines, network and ZooKeeper: the world without clients. All in one thread. */
final class SimulatedCluster {
    static final long SECOND = 1_000_000_000L;
    static final int SESSION_MILLIS = 2_000;

    final SimulatedTime time;
    final RandomGenerator random;
    final ZooKeeperModel zookeeper;
    final SimulatedNetwork network;
    final int size;
    private final OldBug bug;
    private final ReplicaRules rules;
    private final Map<Integer, SimulatedMachine> machines = new HashMap<>();
    private final Map<Integer, BrokerConfig> configs = new HashMap<>();
    private final Map<Integer, SimulatedBroker> lives = new HashMap<>();
    private int nextLife = 1;
    private long nextTopicId = 1;
    private AssertionError wrong;
    private PushTap tap = (broker, client, frame) -> {};

    /** Sees what brokers push when they do. */
    interface PushTap {
        void pushed(int broker, int client, ByteBuffer frame);
    }

    /** @param settings beyond the usual ones, the same for all brokers */
    SimulatedCluster(long seed, int size, OldBug bug, Map<String, String> settings) {
        this.time = new SimulatedTime(seed);
        this.random = time.random();
        this.size = size;
        this.bug = bug;
        this.rules = bug.rules();
        this.zookeeper = new ZooKeeperModel(time, SESSION_MILLIS, 3_000_000);
        if (bug == OldBug.NO_BROKER_EPOCHS_4) {
            zookeeper.ignoreChecks(StateInvariants::namesBrokerEpoch);
        }
        this.network = new SimulatedNetwork(time);
        for (int id = 1; id <= size; id++) {
            machines.put(id, new SimulatedMachine(id, seed, time, bug == OldBug.UNCLEAN_LEADS_5));
            configs.put(id, config(id, settings));
        }
    }

    private static BrokerConfig config(int id, Map<String, String> more) {
        Properties properties = new Properties();
        properties.setProperty("broker.id", Integer.toString(id));
        properties.setProperty("zookeeper.connect", "model");
        properties.setProperty("zookeeper.session.timeout.ms", Integer.toString(SESSION_MILLIS));
        properties.setProperty("default.replication.factor", "3");
        properties.setProperty("min.insync.replicas", "2");
        properties.setProperty("offsets.topic.num.partitions", "1");
        properties.setProperty("transaction.state.log.num.partitions", "1");
        properties.setProperty("transaction.state.log.min.isr", "2");
        properties.setProperty("replica.lag.time.max.ms", "1000");
        properties.setProperty("log.segment.bytes", "16384");
        properties.setProperty("log.retention.ms", "-1");
        properties.setProperty("controlled.shutdown.timeout.ms", "2000");
        more.forEach(properties::setProperty);
        try {
            return BrokerConfig.parse(properties);
        } catch (InvalidConfigException e) {
            throw new AssertionError(e);
        }
    }

    void onPush(PushTap listener) {
        tap = listener;
    }

    void pushed(int broker, int client, ByteBuffer frame) {
        tap.pushed(broker, client, frame);
    }

    SimulatedMachine machine(int id) {
        return machines.get(id);
    }

    BrokerConfig config(int id) {
        return configs.get(id);
    }

    /** The coordinator as the gate of transactions sees it. */
    Enrolment enrolment(Enrolment coordinator) {
        return bug == OldBug.LATE_PRODUCE_15 ? new Credulous(coordinator) : coordinator;
    }

    /** Takes every client at its word. */
    private record Credulous(Enrolment coordinator) implements Enrolment {
        @Override
        public CompletableFuture<TransactionError> add(
                String id, ProducerIdentity client, Set<TransactionPartition> partitions, int version) {
            return coordinator.add(id, client, partitions, version);
        }

        @Override
        public CompletableFuture<TransactionError> verify(
                String id, ProducerIdentity client, TransactionPartition partition) {
            return CompletableFuture.completedFuture(TransactionError.NONE);
        }
    }

    /** As {@link UUID#randomUUID} makes them, and the same in each run. */
    UUID nextTopicId() {
        return new UUID(nextTopicId++ << 16 | 0x4000L, 2L << 62 | 7);
    }

    void start(int id) {
        network.powered(id);
        try {
            lives.put(id, new SimulatedBroker(this, id, nextLife++, rules));
        } catch (IOException e) {
            throw new AssertionError("broker " + id + " does not start", e);
        }
    }

    void startAll() {
        machines.keySet().forEach(this::start);
    }

    /** Null while its process is dead. */
    SimulatedBroker broker(int id) {
        return lives.get(id);
    }

    List<SimulatedBroker> alive() {
        return new ArrayList<>(lives.values());
    }

    void kill(int id, boolean power) {
        SimulatedBroker victim = lives.remove(id);
        if (victim != null) {
            victim.kill(power);
        }
    }

    /** Its process has ended by itself. */
    void forget(SimulatedBroker stopped) {
        lives.remove(stopped.id, stopped);
    }

    /** What somebody who serves knows of the cluster. */
    Optional<ClusterImage> anyImage() {
        List<SimulatedBroker> serving =
                lives.values().stream().filter(SimulatedBroker::serving).toList();
        return serving.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        serving.get(random.nextInt(serving.size())).metadata.image());
    }

    /** All serve, and see every replica of everything in sync. */
    boolean calm() {
        if (lives.size() < size) {
            return false;
        }
        for (SimulatedBroker broker : lives.values()) {
            ClusterImage image = broker.metadata.image();
            if (!broker.serving() || image.brokers().size() < size) {
                return false;
            }
            for (TopicImage topic : image.topics()) {
                for (PartitionImage partition : topic.partitions()) {
                    if (partition.leader() < 0
                            || partition.isr().size() < partition.replicas().size()) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        for (int id = 1; id <= size; id++) {
            SimulatedBroker broker = lives.get(id);
            text.append("\nbroker ").append(id);
            if (broker == null) {
                text.append(" is dead");
                continue;
            }
            ClusterImage image = broker.metadata.image();
            text.append(broker.serving() ? " serves" : " does not serve")
                    .append(", controller ")
                    .append(image.controllerId())
                    .append(", brokers ")
                    .append(image.brokers());
            for (TopicImage topic : image.topics()) {
                text.append("\n    ").append(topic.name()).append(' ').append(topic.partitions());
            }
        }
        return text.toString();
    }

    // ---- what went wrong

    /** Notes a broken invariant, also where an exception would be swallowed; {@link #check} tells. */
    AssertionError wrong(String text, Throwable cause) {
        if (wrong == null) {
            wrong = new AssertionError("after " + time.nanos() / 1_000 + " us: " + text, cause);
        }
        return wrong;
    }

    AssertionError wrong(String text) {
        return wrong(text, null);
    }

    void check() {
        if (wrong != null) {
            throw wrong;
        }
    }

    void runFor(long nanos) {
        long until = time.nanos() + nanos;
        time.runUntil(() -> wrong != null || time.nanos() >= until, nanos);
        check();
        time.runFor(Math.max(0, until - time.nanos()));
        check();
    }
}
