package io.penstock.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Three brokers in processes of their own, and what they need beside them; data in the page cache, three replicas of
 * everything, two of which must have what is confirmed. Used and closed by the comparison's thread, but for {@link
 * #cpuSeconds}.
 */
final class BrokerCluster implements AutoCloseable {
    static final int SIZE = 3;
    /** Kafka's default; ours is told the same. */
    static final int SESSION_TIMEOUT_MILLIS = 9000;

    private static final long SYNC_LIMIT_SECONDS = 120;

    private final Target target;
    private final Map<Integer, Starter> starters = new TreeMap<>();
    private final Map<Integer, Integer> ports = new TreeMap<>();
    private final Map<Integer, BrokerProcess> brokers = new TreeMap<>();
    private final List<BrokerProcess> beside = new ArrayList<>();

    private interface Starter {
        BrokerProcess start() throws Exception;
    }

    private BrokerCluster(Target target) {
        this.target = target;
    }

    static BrokerCluster start(Workplace place, Target target) throws Exception {
        BrokerCluster cluster = new BrokerCluster(target);
        try {
            switch (target) {
                case PENSTOCK -> cluster.preparePenstock(place);
                case KAFKA -> cluster.prepareKafka(place);
                case ARTEMIS -> throw new IllegalArgumentException("no cluster of " + target.label());
            }
            cluster.startAll();
            return cluster;
        } catch (Exception e) {
            cluster.close();
            throw e;
        }
    }

    /** At the same time: a broker of KRaft's serves when a majority is there. */
    private void startAll() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(SIZE);
        try {
            List<Future<?>> starts = new ArrayList<>();
            for (int id : starters.keySet()) {
                starts.add(threads.submit(() -> {
                    start(id);
                    return null;
                }));
            }
            for (Future<?> each : starts) {
                each.get();
            }
        } finally {
            threads.shutdown();
            threads.awaitTermination(1, TimeUnit.MINUTES);
        }
    }

    private void preparePenstock(Workplace place) throws Exception {
        Path zookeeper = place.directory("zookeeper");
        int zooKeeperPort = Workplace.freePort();
        Path zoo = Files.write(
                zookeeper.resolve("zoo.cfg"),
                List.of(
                        "tickTime=1000",
                        "dataDir=" + zookeeper.resolve("data"),
                        "clientPort=" + zooKeeperPort,
                        "clientPortAddress=127.0.0.1"));
        List<String> command = List.of(place.launcher().toString(), "zookeeper", "start", "--config", zoo.toString());
        beside.add(BrokerProcess.startAndAwaitPort(target, command, zookeeper, zooKeeperPort, ""));
        for (int id = 1; id <= SIZE; id++) {
            Path data = place.directory("penstock");
            int port = Workplace.freePort();
            Path config = Files.write(
                    data.resolve("penstock.properties"),
                    List.of(
                            "listeners=PLAINTEXT://127.0.0.1:" + port,
                            "broker.id=" + id,
                            "log.dirs=" + data.resolve("logs"),
                            "zookeeper.connect=127.0.0.1:" + zooKeeperPort,
                            "zookeeper.session.timeout.ms=" + SESSION_TIMEOUT_MILLIS,
                            "default.replication.factor=" + SIZE,
                            "min.insync.replicas=2",
                            "flush.policy=interval",
                            "group.initial.rebalance.delay.ms=0"));
            List<String> start = List.of(place.launcher().toString(), "start", "--config", config.toString());
            starters.put(id, () -> BrokerProcess.start(target, start, data, Target::penstockUrl));
            ports.put(id, port);
        }
    }

    private void prepareKafka(Workplace place) throws Exception {
        List<String> voters = new ArrayList<>();
        Map<Integer, Integer> controllerPorts = new TreeMap<>();
        for (int id = 1; id <= SIZE; id++) {
            ports.put(id, Workplace.freePort());
            controllerPorts.put(id, Workplace.freePort());
            voters.add(id + "@127.0.0.1:" + controllerPorts.get(id));
        }
        for (int id = 1; id <= SIZE; id++) {
            Path data = place.directory("kafka");
            int port = ports.get(id);
            Path config = Files.write(
                    data.resolve("server.properties"),
                    List.of(
                            "process.roles=broker,controller",
                            "node.id=" + id,
                            "controller.quorum.voters=" + String.join(",", voters),
                            "listeners=PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:"
                                    + controllerPorts.get(id),
                            "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
                            "controller.listener.names=CONTROLLER",
                            "log.dirs=" + data.resolve("logs"),
                            "broker.session.timeout.ms=" + SESSION_TIMEOUT_MILLIS,
                            "default.replication.factor=" + SIZE,
                            "min.insync.replicas=2",
                            "offsets.topic.replication.factor=" + SIZE,
                            "transaction.state.log.replication.factor=" + SIZE,
                            "transaction.state.log.min.isr=2",
                            "group.initial.rebalance.delay.ms=0"));
            Target.formatKafka(place, config, data);
            List<String> command = Target.kafkaCommand(place, "512m", config);
            starters.put(id, () -> BrokerProcess.startAndAwaitPort(target, command, data, port, "127.0.0.1:" + port));
        }
    }

    /** Starts a broker, at first or again. */
    void start(int id) throws Exception {
        BrokerProcess started = starters.get(id).start();
        synchronized (brokers) {
            brokers.put(id, started);
        }
    }

    BrokerProcess broker(int id) {
        synchronized (brokers) {
            return brokers.get(id);
        }
    }

    /** For Kafka's clients. */
    String bootstrap() {
        return ports.values().stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    }

    /** For the client of a target. */
    String url(Target client) {
        return client == Target.PENSTOCK ? "penstock://" + bootstrap() : bootstrap();
    }

    /** Of all processes that live. */
    double cpuSeconds() {
        return processes().stream().mapToDouble(BrokerProcess::cpuSeconds).sum();
    }

    long anonymousResidentBytes() {
        return processes().stream()
                .mapToLong(BrokerProcess::anonymousResidentBytes)
                .sum();
    }

    private List<BrokerProcess> processes() {
        List<BrokerProcess> all = new ArrayList<>(beside);
        synchronized (brokers) {
            all.addAll(brokers.values());
        }
        return all;
    }

    Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", bootstrap(), "reconnect.backoff.max.ms", "100"));
    }

    int controller(Admin admin) throws Exception {
        // With KRaft the cluster's description names any broker.
        return target == Target.KAFKA
                ? admin.describeMetadataQuorum().quorumInfo().get().leaderId()
                : admin.describeCluster().controller().get().id();
    }

    /** A topic of one partition with a replica on each broker, the first of them its leader. */
    void createTopic(Admin admin, String name, int leader) throws Exception {
        List<Integer> replicas = new ArrayList<>();
        for (int i = 0; i < SIZE; i++) {
            replicas.add((leader - 1 + i) % SIZE + 1);
        }
        admin.createTopics(List.of(new NewTopic(name, Map.of(0, replicas)).configs(Map.of("min.insync.replicas", "2"))))
                .all()
                .get();
        awaitInSync(admin, name, leader);
    }

    /** @param leader who has to lead; -1 for anybody */
    void awaitInSync(Admin admin, String topic, int leader) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SYNC_LIMIT_SECONDS);
        TopicPartitionInfo state;
        do {
            TimeUnit.MILLISECONDS.sleep(100);
            state = partition(admin, topic);
            if (state != null
                    && state.isr().size() == SIZE
                    && state.leader() != null
                    && (leader < 0 || state.leader().id() == leader)) {
                return;
            }
        } while (System.nanoTime() < end);
        throw new IllegalStateException(topic + " of " + target.label() + " is not in sync: " + state);
    }

    private static TopicPartitionInfo partition(Admin admin, String topic) throws InterruptedException {
        try {
            return admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .partitions()
                    .get(0);
        } catch (java.util.concurrent.ExecutionException notThereYet) {
            return null;
        }
    }

    @Override
    public void close() throws InterruptedException {
        for (BrokerProcess broker : brokers.values()) {
            broker.close();
        }
        for (BrokerProcess each : beside) {
            each.close();
        }
    }
}
