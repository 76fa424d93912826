package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.zookeeper.EmbeddedZooKeeper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three whole brokers on a ZooKeeper server of its own, as Kafka's Admin sees them. */
@Timeout(180)
class ClusterIT {
    @TempDir
    Path directory;

    private EmbeddedZooKeeper zookeeper;
    private final Map<Integer, Broker> brokers = new HashMap<>();
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        zookeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, false);
        for (int id = 1; id <= 3; id++) {
            brokers.put(id, broker(id));
        }
        List<String> addresses = new ArrayList<>();
        brokers.values().forEach(broker -> addresses.add(broker.host() + ":" + broker.port()));
        admin = Admin.create(Map.of("bootstrap.servers", String.join(",", addresses)));
    }

    @AfterEach
    void stop() throws Exception {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
        for (Broker broker : brokers.values()) {
            broker.close();
        }
        if (zookeeper != null) {
            zookeeper.close();
        }
    }

    private Broker broker(int id) throws Exception {
        Properties properties = new Properties();
        properties.put("broker.id", Integer.toString(id));
        properties.put("broker.rack", "rack-" + id);
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.resolve("broker-" + id).toString());
        properties.put("zookeeper.connect", zookeeper.connectString() + "/penstock");
        properties.put("default.replication.factor", "3");
        properties.put("min.insync.replicas", "2");
        properties.put("leader.imbalance.check.interval.seconds", "1");
        return Broker.start(BrokerConfig.parse(properties));
    }

    @Test
    void kafkasAdminDescribesTheClusterRightly() throws Exception {
        DescribeClusterResult cluster = admin.describeCluster();
        List<Node> nodes = List.copyOf(cluster.nodes().get(30, TimeUnit.SECONDS));
        admin.createTopics(List.of(new NewTopic("t", 6, (short) -1))).all().get(30, TimeUnit.SECONDS);

        TopicDescription described =
                await(() -> describe("t"), topic -> topic.partitions().size() == 6);

        assertEquals(3, nodes.size());
        for (Node node : nodes) {
            assertEquals("rack-" + node.id(), node.rack());
            assertEquals(brokers.get(node.id()).port(), node.port());
        }
        assertTrue(brokers.containsKey(cluster.controller().get().id()));
        Map<Integer, Integer> leaders = new HashMap<>();
        for (TopicPartitionInfo partition : described.partitions()) {
            assertEquals(3, new HashSet<>(partition.replicas()).size());
            assertEquals(partition.replicas().get(0), partition.leader());
            assertEquals(Set.copyOf(partition.replicas()), Set.copyOf(partition.isr()));
            assertEquals(List.of(), partition.elr());
            leaders.merge(partition.leader().id(), 1, Integer::sum);
        }
        assertEquals(Map.of(1, 2, 2, 2, 3, 2), leaders);
    }

    @Test
    void aStoppedBrokerHandsOverAndGetsItsLeadershipsBack() throws Exception {
        admin.createTopics(List.of(new NewTopic("t", 6, (short) 3))).all().get(30, TimeUnit.SECONDS);
        await(() -> describe("t"), topic -> topic.partitions().size() == 6);

        brokers.remove(2).close();
        TopicDescription without = describe("t");
        TopicDescription seen = await(() -> describe("t"), topic -> topic.partitions().stream()
                .allMatch(p -> p.leader() != null && p.isr().size() == 2));

        assertEquals(6, without.partitions().size());
        assertTrue(seen.partitions().stream().noneMatch(p -> p.leader().id() == 2));
        assertEquals(2, admin.describeCluster().nodes().get().size());

        brokers.remove(3).close();
        TopicDescription alone = await(() -> describe("t"), topic -> topic.partitions().stream()
                .allMatch(p -> p.leader() != null && p.leader().id() == 1));
        // One in sync of at least two: who left stays eligible.
        for (TopicPartitionInfo partition : alone.partitions()) {
            assertEquals(1, partition.isr().size());
            assertEquals(List.of(3), partition.elr().stream().map(Node::id).toList());
        }
    }

    private TopicDescription describe(String topic) throws Exception {
        return admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get(30, TimeUnit.SECONDS)
                .get(topic);
    }

    private static <T> T await(Callable<T> question, java.util.function.Predicate<T> condition) throws Exception {
        T answer = null;
        do {
            try {
                answer = question.call();
            } catch (java.util.concurrent.ExecutionException e) {
                // Not known to the broker that was asked yet: asked again until the test's time is over.
                Thread.yield();
            }
        } while (answer == null || !condition.test(answer));
        return answer;
    }
}
