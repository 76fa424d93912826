package io.penstock.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Broker processes, numbered from 1, on ZooKeeper processes, with a {@link LinkedNetwork} between all of them and the test.
 * Three replicas of everything as far as there are brokers, two of them in sync at least. The test's thread; closed by the test.
 */
public final class BrokerCluster implements AutoCloseable {
    private static final long WAIT_SECONDS = 90;
    private static final int CALL_MILLIS = 5_000;

    private final ZooKeeperEnsemble zookeeper;
    private final LinkedNetwork network;
    private final TreeMap<Integer, BrokerProcess> brokers = new TreeMap<>();
    private Admin admin;

    /**
     * Starts everything, and returns when the brokers know of each other.
     *
     * @param keepers how many ZooKeeper servers
     * @param settings of every broker, before which the fixture's give way
     */
    public static BrokerCluster start(Path directory, int brokers, int keepers, Map<String, String> settings)
            throws Exception {
        BrokerCluster cluster = new BrokerCluster(directory, brokers, keepers, settings);
        try {
            for (BrokerProcess each : cluster.brokers.values()) {
                each.begin();
            }
            for (BrokerProcess each : cluster.brokers.values()) {
                each.awaitReady();
            }
            cluster.admin = cluster.newAdmin();
            cluster.awaitMembers();
            return cluster;
        } catch (Throwable e) {
            cluster.close();
            throw e;
        }
    }

    private BrokerCluster(Path directory, int count, int keepers, Map<String, String> settings) throws Exception {
        zookeeper = ZooKeeperEnsemble.start(directory, keepers);
        network = new LinkedNetwork(count, zookeeper.addresses(), directory);
        int replicas = Math.min(3, count);
        for (int id = 1; id <= count; id++) {
            Map<String, String> own = new TreeMap<>(Map.of(
                    "broker.id", Integer.toString(id),
                    "listeners", "PLAINTEXT://" + LinkedNetwork.listenAddress(id) + ":" + network.port(id),
                    "advertised.listeners", "PLAINTEXT://" + LinkedNetwork.name(id) + ":" + network.port(id),
                    "zookeeper.connect", network.zookeeperConnect(id),
                    "default.replication.factor", Integer.toString(replicas),
                    "min.insync.replicas", Integer.toString(Math.min(2, replicas))));
            own.putAll(settings);
            List<String> lines = new ArrayList<>();
            own.forEach((key, value) -> lines.add(key + "=" + value));
            brokers.put(
                    id,
                    new BrokerProcess(
                            directory.resolve("broker-" + id),
                            List.of("-Djdk.net.hosts.file=" + network.names(id)),
                            lines));
        }
    }

    public BrokerProcess broker(int id) {
        return brokers.get(id);
    }

    public Collection<Integer> ids() {
        return brokers.keySet();
    }

    public ZooKeeperEnsemble zookeeper() {
        return zookeeper;
    }

    public LinkedNetwork network() {
        return network;
    }

    /** For Kafka's clients. */
    public String bootstrap() {
        return addresses(1);
    }

    /** @param first the broker that a JMS client tries first */
    public String url(int first) {
        return "penstock://" + addresses(first);
    }

    private String addresses(int first) {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < brokers.size(); i++) {
            int id = (first - 1 + i) % brokers.size() + 1;
            addresses.add(LinkedNetwork.name(id) + ":" + network.port(id));
        }
        return String.join(",", addresses);
    }

    /** A client of the fixture's own; tests may use it. */
    public Admin admin() {
        return admin;
    }

    private Admin newAdmin() {
        return Admin.create(Map.of(
                "bootstrap.servers",
                bootstrap(),
                "request.timeout.ms",
                CALL_MILLIS,
                "default.api.timeout.ms",
                4 * CALL_MILLIS,
                "reconnect.backoff.max.ms",
                200));
    }

    /** @param kind {@code queue}, {@code topic}, or empty for neither */
    public void create(String name, int partitions, String kind) throws Exception {
        NewTopic topic = new NewTopic(name, partitions, (short) Math.min(3, brokers.size()));
        if (!kind.isEmpty()) {
            topic.configs(Map.of("penstock.kind", kind));
        }
        admin.createTopics(List.of(topic)).all().get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    /** A broker that all others know of. */
    public void awaitMembers() throws InterruptedException {
        Waiting.until(
                brokers.size() + " brokers are there",
                WAIT_SECONDS,
                () -> admin.describeCluster().nodes().get().size() == brokers.size());
    }

    public int controller() throws InterruptedException {
        int[] id = {-1};
        Waiting.until("there is a controller", WAIT_SECONDS, () -> {
            id[0] = admin.describeCluster().controller().get().id();
            return id[0] > 0;
        });
        return id[0];
    }

    public int leader(String topic, int partition) throws InterruptedException {
        int[] id = {-1};
        Waiting.until("partition " + partition + " of " + topic + " is led", WAIT_SECONDS, () -> {
            var leader = describe(List.of(topic))
                    .get(topic)
                    .partitions()
                    .get(partition)
                    .leader();
            id[0] = leader == null ? -1 : leader.id();
            return id[0] > 0;
        });
        return id[0];
    }

    private Map<String, TopicDescription> describe(Collection<String> topics)
            throws ExecutionException, InterruptedException {
        return admin.describeTopics(topics).allTopicNames().get();
    }

    /** Until all brokers are there and every partition has all of its replicas in sync. */
    public void awaitInSync() throws InterruptedException {
        awaitMembers();
        Waiting.until("all replicas are in sync", WAIT_SECONDS, () -> {
            var listing = admin.listTopics(new org.apache.kafka.clients.admin.ListTopicsOptions().listInternal(true));
            return describe(listing.names().get()).values().stream()
                    .flatMap(topic -> topic.partitions().stream())
                    .allMatch(BrokerCluster::inSync);
        });
    }

    private static boolean inSync(TopicPartitionInfo partition) {
        return partition.leader() != null
                && partition.leader().id() > 0
                && partition.isr().size() == partition.replicas().size();
    }

    @Override
    public void close() throws InterruptedException, IOException {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
        for (BrokerProcess each : brokers.values()) {
            each.close();
        }
        zookeeper.close();
        network.close();
    }
}
