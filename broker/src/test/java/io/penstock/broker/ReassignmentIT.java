package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.NoReassignmentInProgressException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leaders by hand, and partitions that go to other brokers while they are used, as Kafka's Admin asks for it. */
@Timeout(240)
class ReassignmentIT {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("default.replication.factor", "3"),
            Map.entry("offsets.topic.num.partitions", "2"),
            Map.entry("auto.leader.rebalance.enable", "false"));

    @TempDir
    Path directory;

    private ClusterOfBrokers cluster;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        cluster = new ClusterOfBrokers(directory, SETTINGS);
        cluster.start(1);
        admin = Admin.create(Map.of(
                "bootstrap.servers",
                cluster.bootstrap(),
                "request.timeout.ms",
                5_000,
                "default.api.timeout.ms",
                20_000));
    }

    private void startOthers(int last) throws Exception {
        for (int id = 2; id <= last; id++) {
            cluster.start(id);
        }
        await(last + " brokers", () -> admin.describeCluster().nodes().get().size() == last);
    }

    @AfterEach
    void stop() throws Exception {
        admin.close(Duration.ofSeconds(1));
        cluster.close();
    }

    @Test
    void leadersAreElectedByHand() throws Exception {
        startOthers(3);
        admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(2, 3, 1)))))
                .all()
                .get();
        awaitReplicas(List.of(2, 3, 1), 3);
        cluster.brokers.remove(2).close();
        await("another leader", () -> partition().leader().id() == 3);
        cluster.start(2);
        awaitReplicas(List.of(2, 3, 1), 3);
        assertEquals(3, partition().leader().id());

        Map<TopicPartition, Optional<Throwable>> outcome = admin.electLeaders(
                        ElectionType.PREFERRED, Set.of(PARTITION, new TopicPartition("no", 7)))
                .partitions()
                .get(20, TimeUnit.SECONDS);

        assertEquals(Optional.empty(), outcome.get(PARTITION));
        assertInstanceOf(
                UnknownTopicOrPartitionException.class,
                outcome.get(new TopicPartition("no", 7)).orElseThrow());
        await("the preferred leader", () -> partition().leader().id() == 2);
        assertInstanceOf(
                ElectionNotNeededException.class,
                admin.electLeaders(ElectionType.PREFERRED, Set.of(PARTITION))
                        .partitions()
                        .get(20, TimeUnit.SECONDS)
                        .get(PARTITION)
                        .orElseThrow());
        assertEquals(
                Map.of(),
                admin.electLeaders(ElectionType.PREFERRED, null).partitions().get(20, TimeUnit.SECONDS));
    }

    /** What only a dead broker has is lost when somebody asks for an unclean election, and not before. */
    @Test
    void anUncleanElectionIsForHandsOnly() throws Exception {
        startOthers(3);
        admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(2, 3)))))
                .all()
                .get();
        awaitReplicas(List.of(2, 3), 2);
        cluster.brokers.remove(3).close();
        await("one in sync", () -> partition().isr().size() == 1);
        cluster.brokers.remove(2).close();
        cluster.start(3);
        await("nobody leads", () -> partition().leader() == null && brokersSeen() == 2);

        assertEquals(
                Optional.empty(),
                admin.electLeaders(ElectionType.UNCLEAN, Set.of(PARTITION))
                        .partitions()
                        .get(20, TimeUnit.SECONDS)
                        .get(PARTITION));

        await(
                "it leads",
                () -> partition().leader() != null && partition().leader().id() == 3);
    }

    private int brokersSeen() throws Exception {
        return admin.describeCluster().nodes().get().size();
    }

    @Test
    void aPartitionGoesToOtherBrokersUnderLoad() throws Exception {
        startOthers(4);
        admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(1, 2)))))
                .all()
                .get();
        awaitReplicas(List.of(1, 2), 2);
        List<String> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer()) {
            send(producer, sent, 500);
            List<Future<RecordMetadata>> flying = new ArrayList<>();
            admin.alterPartitionReassignments(Map.of(PARTITION, Optional.of(target(3, 4))))
                    .all()
                    .get(20, TimeUnit.SECONDS);
            do {
                flying.add(send(producer, sent));
                Thread.sleep(1);
            } while (!moved());
            for (Future<RecordMetadata> each : flying) {
                each.get(60, TimeUnit.SECONDS);
            }
            send(producer, sent, 500);
        }
        awaitReplicas(List.of(3, 4), 2);
        assertEquals(sent, readAll());
        await("the files are gone", () -> logsOf(1) == 0 && logsOf(2) == 0);
        assertTrue(logsOf(3) > 0);
        Map<Integer, Map<String, LogDirDescription>> described =
                admin.describeLogDirs(List.of(1, 3)).allDescriptions().get(20, TimeUnit.SECONDS);
        String directoryOf3 = directory.resolve("broker-3").toAbsolutePath().toString();
        assertTrue(
                described.get(3).get(directoryOf3).replicaInfos().get(PARTITION).size() > 5_000);
        assertTrue(described.get(1).values().stream()
                .noneMatch(each -> each.replicaInfos().containsKey(PARTITION)));
        assertInstanceOf(
                NoReassignmentInProgressException.class,
                failure(admin.alterPartitionReassignments(Map.of(PARTITION, Optional.empty()))
                        .all()));
        assertInstanceOf(
                InvalidReplicaAssignmentException.class,
                failure(admin.alterPartitionReassignments(Map.of(PARTITION, Optional.of(target(9))))
                        .all()));
    }

    private boolean moved() throws Exception {
        return admin.listPartitionReassignments()
                        .reassignments()
                        .get(20, TimeUnit.SECONDS)
                        .isEmpty()
                && partition().replicas().stream()
                        .map(each -> each.id())
                        .toList()
                        .equals(List.of(3, 4));
    }

    /** A throttle slows the copy down, and is lifted while it goes on; who is in sync is not slowed down by it. */
    @Test
    void aThrottledMoveTakesItsTimeAndDisturbsNobody() throws Exception {
        startOthers(3);
        admin.createTopics(List.of(
                        new NewTopic("t", Map.of(0, List.of(1, 2))).configs(Map.of("min.insync.replicas", "2"))))
                .all()
                .get();
        awaitReplicas(List.of(1, 2), 2);
        for (String side : List.of("leader", "follower")) {
            throttle("1000", side, "*");
            List<String> sent = new ArrayList<>();
            try (KafkaProducer<String, String> producer = producer()) {
                send(producer, sent, 3_000);
                move(1, 2, 3);
                Thread.sleep(1_000);
                send(producer, sent, 1_000);
                assertEquals(2, partition().isr().size(), side + ": tens of kilobytes by one kilobyte in a second");
                assertEquals(
                        List.of(3),
                        admin.listPartitionReassignments()
                                .reassignments()
                                .get(20, TimeUnit.SECONDS)
                                .get(PARTITION)
                                .addingReplicas());
                throttle("100000000", side, "*");
                awaitReplicas(List.of(1, 2, 3), 3);
                throttle("1", side, "*");
                long begin = System.nanoTime();
                send(producer, sent, 1_000);
                assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(30));
                assertEquals(3, partition().isr().size());
            }
            throttle("", side, "");
            move(1, 2);
            awaitReplicas(List.of(1, 2), 2);
        }
    }

    private void throttle(String rate, String side, String replicas) throws Exception {
        Map<ConfigResource, java.util.Collection<AlterConfigOp>> changes = new java.util.HashMap<>();
        AlterConfigOp.OpType how = rate.isEmpty() ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET;
        for (int id : cluster.brokers.keySet()) {
            changes.put(
                    new ConfigResource(ConfigResource.Type.BROKER, Integer.toString(id)),
                    List.of(new AlterConfigOp(new ConfigEntry(side + ".replication.throttled.rate", rate), how)));
        }
        changes.put(
                new ConfigResource(ConfigResource.Type.TOPIC, "t"),
                List.of(new AlterConfigOp(new ConfigEntry(side + ".replication.throttled.replicas", replicas), how)));
        admin.incrementalAlterConfigs(changes).all().get(20, TimeUnit.SECONDS);
    }

    /** A partition that one broker alone had gets others, and back to one; a cancelled move leaves it where it was. */
    @Test
    void theNumberOfReplicasChanges() throws Exception {
        startOthers(3);
        admin.createTopics(List.of(new NewTopic("t", Map.of(0, List.of(1)))))
                .all()
                .get();
        List<String> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer()) {
            send(producer, sent, 200);
            move(1, 2, 3);
            awaitReplicas(List.of(1, 2, 3), 3);
            send(producer, sent, 200);
            move(2);
            awaitReplicas(List.of(2), 1);
            send(producer, sent, 200);
            assertEquals(sent, readAll());

            cluster.brokers.remove(3).close();
            await("two brokers", () -> brokersSeen() == 2);
            move(1, 2);
            awaitReplicas(List.of(1, 2), 2);
            send(producer, sent, 200);
        }
        assertEquals(sent, readAll());
        await("the files are gone", () -> logsOf(3) >= 0 && logsOf(1) > 0);
        cluster.start(3);
        await("what was given away meanwhile is removed", () -> logsOf(3) == 0);
    }

    @Test
    void topicsOfTheClustersOwnGetReplicasWhenBrokersCome() throws Exception {
        admin.createTopics(List.of(new NewTopic("t", 1, (short) 1))).all().get();
        List<String> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer()) {
            send(producer, sent, 20);
        }
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                cluster.bootstrap(),
                "group.id",
                "g",
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(PARTITION));
            assertEquals(0, consumer.position(PARTITION));
            consumer.commitSync(Map.of(PARTITION, new org.apache.kafka.clients.consumer.OffsetAndMetadata(7)));
        }
        assertEquals(1, offsetsReplicas(1));
        startOthers(3);

        await("three replicas", () -> offsetsReplicas(3) == 3);

        cluster.brokers.remove(1).close();
        admin.close(Duration.ofSeconds(1));
        admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrap()));
        assertEquals(
                7,
                admin.listConsumerGroupOffsets("g")
                        .partitionsToOffsetAndMetadata()
                        .get(30, TimeUnit.SECONDS)
                        .get(PARTITION)
                        .offset());
    }

    /** The least over all partitions that have so many in sync; -1 when one has fewer. */
    private int offsetsReplicas(int inSync) throws Exception {
        List<TopicPartitionInfo> partitions = admin.describeTopics(List.of("__consumer_offsets"))
                .allTopicNames()
                .get(20, TimeUnit.SECONDS)
                .get("__consumer_offsets")
                .partitions();
        return partitions.stream().allMatch(each -> each.isr().size() >= inSync)
                ? partitions.stream()
                        .mapToInt(each -> each.replicas().size())
                        .min()
                        .orElse(-1)
                : -1;
    }

    @Test
    void aTopicGrowsOverTheBrokers() throws Exception {
        startOthers(3);
        admin.createTopics(List.of(new NewTopic("t", 1, (short) 2))).all().get();
        admin.createPartitions(Map.of("t", NewPartitions.increaseTo(6))).all().get(20, TimeUnit.SECONDS);

        await(
                "six partitions with two replicas each, led by three brokers",
                () -> admin.describeTopics(List.of("t")).allTopicNames().get().get("t").partitions().stream()
                                        .filter(each -> each.leader() != null
                                                && each.isr().size() == 2)
                                        .map(each -> each.leader().id())
                                        .distinct()
                                        .count()
                                == 3
                        && admin.describeTopics(List.of("t"))
                                        .allTopicNames()
                                        .get()
                                        .get("t")
                                        .partitions()
                                        .size()
                                == 6);
    }

    private void move(int... to) throws Exception {
        admin.alterPartitionReassignments(Map.of(PARTITION, Optional.of(target(to))))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    private static NewPartitionReassignment target(int... ids) {
        List<Integer> list = new ArrayList<>();
        for (int id : ids) {
            list.add(id);
        }
        return new NewPartitionReassignment(list);
    }

    private static Throwable failure(Future<?> of) {
        return assertThrows(ExecutionException.class, () -> of.get(20, TimeUnit.SECONDS))
                .getCause();
    }

    /** Directories of logs of the topic on a broker's disk. */
    private long logsOf(int broker) throws Exception {
        String id = uuidText();
        try (Stream<Path> files = Files.walk(directory.resolve("broker-" + broker))) {
            return files.filter(Files::isDirectory)
                    .filter(path -> path.getFileName().toString().contains(id))
                    .count();
        } catch (java.io.UncheckedIOException e) {
            throw new IOException(e);
        }
    }

    private String uuidText() throws Exception {
        org.apache.kafka.common.Uuid id = admin.describeTopics(List.of("t"))
                .allTopicNames()
                .get(20, TimeUnit.SECONDS)
                .get("t")
                .topicId();
        return new java.util.UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()).toString();
    }

    private TopicPartitionInfo partition() throws Exception {
        return admin.describeTopics(List.of("t"))
                .allTopicNames()
                .get(20, TimeUnit.SECONDS)
                .get("t")
                .partitions()
                .get(0);
    }

    private void awaitReplicas(List<Integer> replicas, int inSync) throws Exception {
        await(inSync + " in sync of " + replicas, () -> {
            TopicPartitionInfo now = partition();
            return now.replicas().stream().map(each -> each.id()).toList().equals(replicas)
                    && now.isr().size() == inSync
                    && now.leader() != null;
        });
    }

    private KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        cluster.bootstrap(),
                        "acks",
                        "all",
                        "delivery.timeout.ms",
                        60_000,
                        "request.timeout.ms",
                        5_000,
                        "linger.ms",
                        0,
                        "max.block.ms",
                        20_000),
                new StringSerializer(),
                new StringSerializer());
    }

    private static Future<RecordMetadata> send(KafkaProducer<String, String> producer, List<String> sent) {
        String value = "message " + sent.size();
        sent.add(value);
        return producer.send(new ProducerRecord<>("t", 0, null, value));
    }

    private static void send(KafkaProducer<String, String> producer, List<String> sent, int count) throws Exception {
        List<Future<RecordMetadata>> futures = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            futures.add(send(producer, sent));
        }
        for (Future<RecordMetadata> each : futures) {
            each.get(60, TimeUnit.SECONDS);
        }
    }

    private List<String> readAll() {
        List<String> values = new ArrayList<>();
        Map<String, Object> config = Map.of(
                "bootstrap.servers", cluster.bootstrap(), "auto.offset.reset", "earliest", "enable.auto.commit", false);
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

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(String what, Condition condition) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Throwable last = null;
        while (System.nanoTime() < until) {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (ExecutionException | IOException e) {
                last = e;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not within 60 s: " + what, last);
    }
}
