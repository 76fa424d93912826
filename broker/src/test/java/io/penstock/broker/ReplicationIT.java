package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers on one ZooKeeper, with Kafka's own clients: nothing acknowledged is lost when brokers go. */
@Timeout(240)
class ReplicationIT {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    /** A stop is to look like a death: nothing is handed over. */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("zookeeper.session.timeout.ms", "2000"),
            Map.entry("default.replication.factor", "3"),
            Map.entry("min.insync.replicas", "2"),
            Map.entry("offsets.topic.num.partitions", "2"),
            Map.entry("replica.lag.time.max.ms", "3000"),
            Map.entry("controlled.shutdown.enable", "false"));

    @TempDir
    Path directory;

    private ClusterOfBrokers cluster;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        cluster = new ClusterOfBrokers(directory, SETTINGS);
        for (int id = 1; id <= 3; id++) {
            cluster.start(id);
        }
        admin = Admin.create(Map.of(
                "bootstrap.servers",
                cluster.bootstrap(),
                "request.timeout.ms",
                5_000,
                "default.api.timeout.ms",
                20_000));
        await("three brokers", () -> admin.describeCluster().nodes().get().size() == 3);
    }

    @AfterEach
    void stop() throws Exception {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
        cluster.close();
    }

    private void createTopic(int minInSync) throws Exception {
        admin.createTopics(List.of(new NewTopic("t", 1, (short) 3)
                        .configs(Map.of("min.insync.replicas", Integer.toString(minInSync)))))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    private TopicPartitionInfo partition() throws Exception {
        return admin.describeTopics(List.of("t"))
                .allTopicNames()
                .get(20, TimeUnit.SECONDS)
                .get("t")
                .partitions()
                .get(0);
    }

    private void awaitInSync(int count) throws Exception {
        await(
                count + " replicas in sync",
                () -> partition().isr().size() == count && partition().leader() != null);
    }

    private int killLeader() throws Exception {
        int leader = partition().leader().id();
        cluster.brokers.remove(leader).close();
        return leader;
    }

    private KafkaProducer<String, String> producer(int timeoutMillis) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", cluster.bootstrap());
        config.put("acks", "all");
        config.put("delivery.timeout.ms", timeoutMillis);
        config.put("request.timeout.ms", Math.min(5_000, timeoutMillis));
        config.put("linger.ms", 0);
        config.put("max.block.ms", 20_000);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private List<String> readAll() {
        Map<String, Object> config = Map.of(
                "bootstrap.servers", cluster.bootstrap(), "auto.offset.reset", "earliest", "enable.auto.commit", false);
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).get(PARTITION);
            while (consumer.position(PARTITION) < end) {
                for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200))) {
                    values.add(each.value());
                }
            }
        }
        return values;
    }

    @Test
    void aLeaderDiesUnderLoadAndNothingIsLostOrTwiceThere() throws Exception {
        createTopic(2);
        awaitInSync(3);
        List<String> sent = new ArrayList<>();
        int dead;
        long gapMillis;
        try (KafkaProducer<String, String> producer = producer(60_000)) {
            send(producer, sent, 500);
            List<Future<RecordMetadata>> flying = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String value = "in flight " + i;
                sent.add(value);
                flying.add(producer.send(new ProducerRecord<>("t", 0, null, value)));
            }
            long killed = System.nanoTime();
            dead = killLeader();
            for (Future<RecordMetadata> each : flying) {
                each.get(60, TimeUnit.SECONDS);
            }
            gapMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killed);
            send(producer, sent, 500);
        }
        System.out.println("sends went on " + gapMillis + " ms after the stop of the leader began");
        assertEquals(sent, readAll());
        cluster.start(dead);
        awaitInSync(3);
        assertEquals(sent, readAll());
    }

    private static void send(KafkaProducer<String, String> producer, List<String> sent, int count) throws Exception {
        List<Future<RecordMetadata>> futures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String value = "message " + sent.size();
            sent.add(value);
            futures.add(producer.send(new ProducerRecord<>("t", 0, null, value)));
        }
        for (Future<RecordMetadata> each : futures) {
            each.get(60, TimeUnit.SECONDS);
        }
    }

    /** With n replicas and min.insync.replicas=1 the partition survives n - 1 failures, one after another. */
    @Test
    void survivesTwoOfThreeFailuresOneAfterAnother() throws Exception {
        createTopic(1);
        List<String> sent = new ArrayList<>();
        for (int left = 3; left >= 1; left--) {
            awaitInSync(left);
            try (KafkaProducer<String, String> producer = producer(60_000)) {
                send(producer, sent, 100);
            }
            assertEquals(sent, readAll());
            if (left > 1) {
                killLeader();
            }
        }
    }

    @Test
    void withTooFewReplicasInSyncNothingIsAcknowledgedUntilThereAreEnough() throws Exception {
        createTopic(2);
        awaitInSync(3);
        List<String> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(60_000)) {
            send(producer, sent, 50);
        }
        killLeader();
        awaitInSync(2);
        int dead = killLeader();
        await(
                "one replica in sync",
                () -> partition().isr().size() == 1 && partition().leader() != null);
        try (KafkaProducer<String, String> producer = producer(3_000)) {
            ExecutionException refused = assertThrows(
                    ExecutionException.class, () -> producer.send(new ProducerRecord<>("t", 0, null, "lost"))
                            .get(30, TimeUnit.SECONDS));
            assertTrue(
                    refused.getCause() instanceof NotEnoughReplicasException
                            || refused.getCause() instanceof org.apache.kafka.common.errors.TimeoutException,
                    () -> String.valueOf(refused.getCause()));
        }
        assertEquals(sent, readAll());
        cluster.start(dead);
        awaitInSync(2);
        try (KafkaProducer<String, String> producer = producer(60_000)) {
            send(producer, sent, 50);
        }
        assertEquals(sent, readAll());
    }

    /** Invariant 16, 17: the coordinator of a group moves with its log; what was committed stays committed. */
    @Test
    void aGroupsOffsetsSurviveTheirCoordinator() throws Exception {
        createTopic(2);
        awaitInSync(3);
        try (KafkaProducer<String, String> producer = producer(60_000)) {
            send(producer, new ArrayList<>(), 10);
        }
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                cluster.bootstrap(),
                "group.id",
                "g",
                "enable.auto.commit",
                false,
                "default.api.timeout.ms",
                40_000);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(7)));
            await(
                    "the offsets are replicated",
                    () -> admin.describeTopics(List.of("__consumer_offsets")).allTopicNames().get().values().stream()
                            .flatMap(topic -> topic.partitions().stream())
                            .allMatch(each -> each.isr().size() == 3));
            int coordinator = admin.describeConsumerGroups(List.of("g"))
                    .all()
                    .get(20, TimeUnit.SECONDS)
                    .get("g")
                    .coordinator()
                    .id();
            cluster.brokers.remove(coordinator).close();
            assertEquals(
                    7,
                    consumer.committed(java.util.Set.of(PARTITION))
                            .get(PARTITION)
                            .offset());
            consumer.commitSync(Map.of(PARTITION, new OffsetAndMetadata(9)));
            assertEquals(
                    9,
                    consumer.committed(java.util.Set.of(PARTITION))
                            .get(PARTITION)
                            .offset());
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(40);
        Throwable last = null;
        while (System.nanoTime() < until) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (ExecutionException e) {
                last = e.getCause();
                assertInstanceOf(org.apache.kafka.common.KafkaException.class, last);
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not within 40 s: " + what, last);
    }
}
