package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's own clients, unmodified, against a whole broker with everything embedded. */
@Timeout(120)
class KafkaClientsIT {
    @TempDir
    Path directory;

    private Broker broker;

    @BeforeEach
    void start() throws Exception {
        broker = Broker.start(config("1"));
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private BrokerConfig config(String loops) throws InvalidConfigException {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.toString());
        properties.put("num.network.threads", loops);
        return BrokerConfig.parse(properties);
    }

    private Map<String, Object> client(Map<String, Object> more) {
        Map<String, Object> client = new java.util.HashMap<>(more);
        client.put("bootstrap.servers", broker.host() + ":" + broker.port());
        return client;
    }

    private KafkaProducer<String, String> producer(Map<String, Object> more) {
        return new KafkaProducer<>(client(more), new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        return new KafkaConsumer<>(client(more), new StringDeserializer(), new StringDeserializer());
    }

    private static List<String> read(KafkaConsumer<String, String> consumer, int count) {
        List<String> values = new ArrayList<>();
        while (values.size() < count) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                values.add(record.value());
            }
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "3"})
    void whatIsProducedIsConsumedInOrderOverAllPartitions(String loops) throws Exception {
        broker.close();
        broker = Broker.start(config(loops));
        try (Admin admin = Admin.create(client(Map.of()))) {
            admin.createTopics(List.of(new NewTopic("t", 4, (short) 1))).all().get(30, TimeUnit.SECONDS);
        }
        List<List<String>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            List<Future<RecordMetadata>> futures = new ArrayList<>();
            for (int partition = 0; partition < 4; partition++) {
                sent.add(new ArrayList<>());
                for (int i = 0; i < 2_000; i++) {
                    sent.get(partition).add(partition + "-" + i);
                    futures.add(producer.send(new ProducerRecord<>("t", partition, null, partition + "-" + i)));
                }
            }
            for (Future<RecordMetadata> future : futures) {
                future.get(30, TimeUnit.SECONDS);
            }
        }
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("auto.offset.reset", "earliest"))) {
            List<TopicPartition> assigned = new ArrayList<>();
            for (int partition = 0; partition < 4; partition++) {
                assigned.add(new TopicPartition("t", partition));
            }
            consumer.assign(assigned);
            List<String> all = read(consumer, 8_000);
            for (int partition = 0; partition < 4; partition++) {
                String prefix = partition + "-";
                assertEquals(
                        sent.get(partition),
                        all.stream().filter(v -> v.startsWith(prefix)).toList());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "all"})
    void recordsOfEveryAcksArrive(String acks) throws Exception {
        try (KafkaProducer<String, String> producer =
                        producer(Map.of("acks", acks, "enable.idempotence", acks.equals("all")));
                KafkaConsumer<String, String> consumer = consumer(Map.of("auto.offset.reset", "earliest"))) {
            producer.send(new ProducerRecord<>("made-on-first-use", "k", "v")).get(30, TimeUnit.SECONDS);
            consumer.assign(List.of(new TopicPartition("made-on-first-use", 0)));
            assertEquals(List.of("v"), read(consumer, 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void compressedBatchesStayAsTheyCame(String compression) throws Exception {
        String value = "x".repeat(5_000);
        try (KafkaProducer<String, String> producer = producer(Map.of("compression.type", compression));
                KafkaConsumer<String, String> consumer = consumer(Map.of("auto.offset.reset", "earliest"))) {
            for (int i = 0; i < 100; i++) {
                producer.send(new ProducerRecord<>("c", value));
            }
            producer.flush();
            consumer.assign(List.of(new TopicPartition("c", 0)));
            assertTrue(read(consumer, 100).stream().allMatch(value::equals));
        }
    }

    @Test
    void aRestartKeepsRecordsAndRefusesNothingOfTheSameProducer() throws Exception {
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            producer.send(new ProducerRecord<>("r", "before")).get(30, TimeUnit.SECONDS);
            int port = broker.port();
            broker.close();
            Properties properties = new Properties();
            properties.put("listeners", "PLAINTEXT://127.0.0.1:" + port);
            properties.put("log.dirs", directory.toString());
            broker = Broker.start(BrokerConfig.parse(properties));
            producer.send(new ProducerRecord<>("r", "after")).get(60, TimeUnit.SECONDS);
        }
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("auto.offset.reset", "earliest"))) {
            consumer.assign(List.of(new TopicPartition("r", 0)));
            assertEquals(List.of("before", "after"), read(consumer, 2));
        }
    }

    @Test
    void aLongPollIsWokenByARecord() throws Exception {
        try (KafkaProducer<String, String> producer = producer(Map.of("linger.ms", 0));
                KafkaConsumer<String, String> consumer =
                        consumer(Map.of("auto.offset.reset", "earliest", "fetch.max.wait.ms", 30_000))) {
            producer.send(new ProducerRecord<>("w", "first")).get(30, TimeUnit.SECONDS);
            consumer.assign(List.of(new TopicPartition("w", 0)));
            assertEquals(List.of("first"), read(consumer, 1));
            for (int i = 0; i < 20; i++) {
                producer.send(new ProducerRecord<>("w", "v" + i)).get(30, TimeUnit.SECONDS);
                // Would take 30 s a round if only the time ended the waiting.
                assertEquals(List.of("v" + i), read(consumer, 1));
            }
            // The end of its fetch session ends the last long poll too, or this would take 30 s.
            long begun = System.nanoTime();
            consumer.close();
            assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(10));
        }
    }

    @Test
    void offsetsAreListedByTimeAndRecordsDeleted() throws Exception {
        TopicPartition partition = new TopicPartition("o", 0);
        try (KafkaProducer<String, String> producer = producer(Map.of());
                Admin admin = Admin.create(client(Map.of()))) {
            for (int i = 0; i < 10; i++) {
                producer.send(new ProducerRecord<>("o", 0, 1_000L + i, "k", "v" + i))
                        .get(30, TimeUnit.SECONDS);
            }
            assertEquals(0, offset(admin, partition, OffsetSpec.earliest()).offset());
            assertEquals(10, offset(admin, partition, OffsetSpec.latest()).offset());
            assertEquals(
                    5, offset(admin, partition, OffsetSpec.forTimestamp(1_005)).offset());
            assertEquals(
                    -1, offset(admin, partition, OffsetSpec.forTimestamp(2_000)).offset());
            assertEquals(
                    1_009, offset(admin, partition, OffsetSpec.maxTimestamp()).timestamp());
            long low = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(4)))
                    .lowWatermarks()
                    .get(partition)
                    .get(30, TimeUnit.SECONDS)
                    .lowWatermark();
            assertEquals(4, low);
            assertEquals(4, offset(admin, partition, OffsetSpec.earliest()).offset());
        }
    }

    private static ListOffsetsResultInfo offset(Admin admin, TopicPartition partition, OffsetSpec spec)
            throws Exception {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get(30, TimeUnit.SECONDS);
    }

    @Test
    void aDeletedTopicMadeAgainIsEmpty() throws Exception {
        try (KafkaProducer<String, String> producer = producer(Map.of());
                Admin admin = Admin.create(client(Map.of()))) {
            producer.send(new ProducerRecord<>("d", "old")).get(30, TimeUnit.SECONDS);
            admin.deleteTopics(List.of("d")).all().get(30, TimeUnit.SECONDS);
            admin.createTopics(List.of(new NewTopic("d", 1, (short) 1))).all().get(30, TimeUnit.SECONDS);
            TopicPartition partition = new TopicPartition("d", 0);
            assertEquals(0, offset(admin, partition, OffsetSpec.latest()).offset());
        }
    }

    @Test
    void aRecordBeyondTheLimitIsRefused() throws Exception {
        try (KafkaProducer<String, String> producer = producer(Map.of("max.request.size", 20 << 20))) {
            ExecutionException refused = assertThrows(
                    ExecutionException.class, () -> producer.send(new ProducerRecord<>("big", "x".repeat(2 << 20)))
                            .get(30, TimeUnit.SECONDS));
            assertInstanceOf(org.apache.kafka.common.errors.RecordTooLargeException.class, refused.getCause());
            producer.send(new ProducerRecord<>("big", "small")).get(30, TimeUnit.SECONDS);
        }
    }
}
