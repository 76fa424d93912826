package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Invariant 15 over three brokers, with Kafka's own clients: a transaction over partitions that different brokers lead is
 * all or nothing, also when a leader or its coordinator goes in the middle.
 */
@Timeout(240)
class ClusterTransactionsIT {
    private static final int PARTITIONS = 3;
    private static final String ID = "tx";

    /** A stop is to look like a death: nothing is handed over. */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("zookeeper.session.timeout.ms", "2000"),
            Map.entry("default.replication.factor", "3"),
            Map.entry("min.insync.replicas", "2"),
            Map.entry("offsets.topic.num.partitions", "3"),
            Map.entry("transaction.state.log.num.partitions", "3"),
            Map.entry("transaction.abort.timed.out.transaction.cleanup.interval.ms", "200"),
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
                30_000));
        await("three brokers", () -> admin.describeCluster().nodes().get().size() == 3);
        admin.createTopics(List.of(new NewTopic("t", PARTITIONS, (short) 3)))
                .all()
                .get(20, TimeUnit.SECONDS);
        await(
                "a leader on each broker",
                () -> leaders().values().stream().distinct().count() == 3);
        await("replicas in sync", () -> partitions().stream()
                .allMatch(each -> each.isr().size() == 3));
    }

    @AfterEach
    void stop() throws Exception {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
        cluster.close();
    }

    private List<TopicPartitionInfo> partitions() throws Exception {
        return admin.describeTopics(List.of("t"))
                .allTopicNames()
                .get(20, TimeUnit.SECONDS)
                .get("t")
                .partitions();
    }

    private Map<Integer, Integer> leaders() throws Exception {
        Map<Integer, Integer> leaders = new HashMap<>();
        for (TopicPartitionInfo each : partitions()) {
            leaders.put(
                    each.partition(), each.leader() == null ? -1 : each.leader().id());
        }
        return leaders;
    }

    private TransactionDescription describe() throws Exception {
        return admin.describeTransactions(List.of(ID))
                .all()
                .get(30, TimeUnit.SECONDS)
                .get(ID);
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        Exception last = null;
        for (int i = 0; i < 600; i++) {
            try {
                if (condition.call()) {
                    return;
                }
            } catch (Exception e) {
                last = e;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError("waited in vain for " + what, last);
    }

    private KafkaProducer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>(more);
        config.put("bootstrap.servers", cluster.bootstrap());
        config.put("transactional.id", ID);
        config.put("linger.ms", 0);
        config.put("request.timeout.ms", 5_000);
        config.put("delivery.timeout.ms", 60_000);
        config.put("max.block.ms", 60_000);
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    /** One record in each partition, all there before this returns. */
    private static void sendToAll(KafkaProducer<String, String> producer, String value) throws Exception {
        List<java.util.concurrent.Future<?>> sent = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            sent.add(producer.send(new ProducerRecord<>("t", partition, null, value)));
        }
        for (java.util.concurrent.Future<?> each : sent) {
            each.get(60, TimeUnit.SECONDS);
        }
    }

    private KafkaConsumer<String, String> consumer() {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                cluster.bootstrap(),
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                false,
                "group.id",
                "g",
                "isolation.level",
                "read_committed",
                "default.api.timeout.ms",
                40_000);
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    /** What a reader sees of each partition, once nothing is undecided. */
    private List<List<String>> readCommitted() throws Exception {
        List<List<String>> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer()) {
            for (int i = 0; i < PARTITIONS; i++) {
                TopicPartition partition = new TopicPartition("t", i);
                awaitDecided(partition);
                List<String> seen = new ArrayList<>();
                values.add(seen);
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                long end = consumer.endOffsets(List.of(partition)).get(partition);
                while (consumer.position(partition) < end) {
                    consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
                }
            }
        }
        return values;
    }

    private void awaitDecided(TopicPartition partition) throws Exception {
        await("the end of transactions in " + partition, () -> admin
                .describeProducers(List.of(partition))
                .partitionResult(partition)
                .get(20, TimeUnit.SECONDS)
                .activeProducers()
                .stream()
                .allMatch(each -> each.currentTransactionStartOffset().isEmpty()));
    }

    private int kill(int broker) {
        cluster.brokers.remove(broker).close();
        return broker;
    }

    @Test
    void transactionsOverPartitionsOfAllBrokersCommitAndAbort() throws Exception {
        List<String> committed = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            for (int i = 0; i < 10; i++) {
                producer.beginTransaction();
                sendToAll(producer, "m" + i);
                producer.sendOffsetsToTransaction(
                        Map.of(new TopicPartition("t", 0), new OffsetAndMetadata(i)),
                        new org.apache.kafka.clients.consumer.ConsumerGroupMetadata("g"));
                if (i % 3 == 2) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                    committed.add("m" + i);
                }
            }
        }
        assertEquals(List.of(committed, committed, committed), readCommitted());
        try (KafkaConsumer<String, String> consumer = consumer()) {
            TopicPartition partition = new TopicPartition("t", 0);
            assertEquals(9, consumer.committed(Set.of(partition)).get(partition).offset());
        }
    }

    @Test
    void aLeaderDiesBetweenSendsAndTheTransactionIsWholeOrNothing() throws Exception {
        Set<String> committed = new TreeSet<>();
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            producer.beginTransaction();
            sendToAll(producer, "before");
            // Not the coordinator: that is the other test.
            int coordinator = describe().coordinatorId();
            int leader = leaders().values().stream()
                    .filter(each -> each != coordinator)
                    .findFirst()
                    .orElseThrow();
            kill(leader);
            sendToAll(producer, "after");
            producer.commitTransaction();
            committed.addAll(List.of("before", "after"));
            producer.beginTransaction();
            sendToAll(producer, "aborted");
            producer.abortTransaction();
        }
        for (List<String> seen : readCommitted()) {
            assertEquals(committed, new TreeSet<>(seen));
            assertEquals(committed.size(), seen.size());
        }
    }

    /** Invariant 16: a decision survives its coordinator, whose successor sends the markers; an open one times out. */
    @Test
    void theCoordinatorDiesAndWhatIsDecidedIsFinished() throws Exception {
        List<String> certain = new ArrayList<>();
        List<String> unsure = new ArrayList<>();
        KafkaProducer<String, String> producer = producer(Map.of("transaction.timeout.ms", 15_000));
        try {
            producer.beginTransaction();
            sendToAll(producer, "first");
            producer.commitTransaction();
            certain.add("first");
            producer.beginTransaction();
            sendToAll(producer, "second");
            int coordinator = describe().coordinatorId();
            Thread committing = new Thread(() -> {
                try {
                    producer.commitTransaction();
                    certain.add("second");
                } catch (KafkaException e) {
                    unsure.add("second");
                }
            });
            committing.start();
            kill(coordinator);
            committing.join(TimeUnit.SECONDS.toMillis(90));
            assertTrue(!committing.isAlive(), "the commit was never answered");
            await("a new coordinator that has finished", () -> Set.of(
                            TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT)
                    .contains(describe().state()));
            producer.beginTransaction();
            sendToAll(producer, "open");
        } finally {
            producer.close(Duration.ZERO);
        }
        Set<List<String>> different = new HashSet<>(readCommitted());
        assertEquals(1, different.size(), () -> "neither all nor nothing: " + different);
        List<String> seen = different.iterator().next();
        assertTrue(seen.containsAll(certain), () -> seen + " without " + certain);
        seen.removeAll(certain);
        assertTrue(unsure.containsAll(seen), () -> "never asked for: " + seen);
    }
}
