package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own transactional clients, unmodified, against a whole broker (invariants 15 to 17). */
@Timeout(120)
class KafkaTransactionsIT {
    private static final TopicPartition T0 = new TopicPartition("t", 0);

    @TempDir
    Path directory;

    private Broker broker;
    private int port;

    @BeforeEach
    void start() throws Exception {
        broker = Broker.start(config());
        port = broker.port();
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic("t", 2, (short) 1), new NewTopic("in", 2, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private void restart() throws Exception {
        broker.close();
        broker = Broker.start(config());
    }

    private BrokerConfig config() throws InvalidConfigException {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.put("log.dirs", directory.toString());
        properties.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "200");
        return BrokerConfig.parse(properties);
    }

    private Map<String, Object> client(Map<String, Object> more) {
        Map<String, Object> client = new HashMap<>(more);
        client.put("bootstrap.servers", "127.0.0.1:" + broker.port());
        return client;
    }

    private Admin admin() {
        return Admin.create(client(Map.of()));
    }

    private KafkaProducer<String, String> producer(String transactionalId) {
        return producer(transactionalId, Map.of());
    }

    private KafkaProducer<String, String> producer(String transactionalId, Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(more);
        all.put("transactional.id", transactionalId);
        KafkaProducer<String, String> producer =
                new KafkaProducer<>(client(all), new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    private KafkaConsumer<String, String> consumer(String isolation, Map<String, Object> more) {
        Map<String, Object> all = new HashMap<>(more);
        all.put("isolation.level", isolation);
        all.put("auto.offset.reset", "earliest");
        all.put("enable.auto.commit", "false");
        return new KafkaConsumer<>(client(all), new StringDeserializer(), new StringDeserializer());
    }

    /** What a reader sees of a partition, up to where it may read now. */
    private List<String> values(TopicPartition partition, String isolation) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer(isolation, Map.of())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }

    private static ProducerRecord<String, String> record(String value) {
        return new ProducerRecord<>("t", 0, null, value);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    @Test
    void readCommittedSeesCommittedRecordsOnly() throws Exception {
        try (KafkaProducer<String, String> producer = producer("tx")) {
            for (int i = 0; i < 6; i++) {
                producer.beginTransaction();
                producer.send(record("a" + i));
                producer.send(new ProducerRecord<>("t", 1, null, "b" + i));
                if (i % 3 == 1) {
                    producer.flush();
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
            assertEquals(List.of("a0", "a2", "a3", "a5"), values(T0, "read_committed"));
            assertEquals(List.of("b0", "b2", "b3", "b5"), values(new TopicPartition("t", 1), "read_committed"));
            assertEquals(List.of("a0", "a1", "a2", "a3", "a4", "a5"), values(T0, "read_uncommitted"));
        }
    }

    @Test
    void anOpenTransactionHoldsTheLastStableOffsetBackAndOthersAreReadToTheHighWatermark() throws Exception {
        try (KafkaProducer<String, String> open = producer("open");
                KafkaProducer<String, String> other = producer("other");
                Admin admin = admin()) {
            open.beginTransaction();
            open.send(record("open")).get();
            other.beginTransaction();
            other.send(record("other")).get();
            other.commitTransaction();

            await(() -> values(T0, "read_uncommitted").size() == 2);
            assertEquals(List.of(), values(T0, "read_committed"));
            assertEquals(
                    0,
                    admin.listOffsets(
                                    Map.of(T0, OffsetSpec.latest()),
                                    new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                            .partitionResult(T0)
                            .get()
                            .offset());
            ProducerState state =
                    admin.describeProducers(List.of(T0)).partitionResult(T0).get().activeProducers().stream()
                            .filter(each -> each.currentTransactionStartOffset().isPresent())
                            .findFirst()
                            .orElseThrow();
            assertEquals(0, state.currentTransactionStartOffset().getAsLong());

            open.commitTransaction();
            await(() -> values(T0, "read_committed").equals(List.of("open", "other")));
        }
    }

    @Test
    void aSecondProducerFencesTheFirstInvariant15() throws Exception {
        try (KafkaProducer<String, String> first = producer("tx")) {
            first.beginTransaction();
            first.send(record("lost")).get();
            try (KafkaProducer<String, String> second = producer("tx")) {
                second.beginTransaction();
                second.send(record("kept"));
                second.commitTransaction();
                Exception fenced = assertThrows(Exception.class, () -> {
                    first.send(record("late")).get();
                    first.commitTransaction();
                });
                assertTrue(isFenced(fenced), () -> "not fenced but " + fenced);
            }
            await(() -> values(T0, "read_committed").equals(List.of("kept")));
        }
    }

    private static boolean isFenced(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof ProducerFencedException || each instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aTransactionThatTimesOutIsAbortedAndItsProducerFencedInvariant15() throws Exception {
        try (KafkaProducer<String, String> producer = producer("tx", Map.of("transaction.timeout.ms", 600))) {
            producer.beginTransaction();
            producer.send(record("late")).get();
            try (KafkaProducer<String, String> other = producer("other")) {
                other.beginTransaction();
                other.send(record("other"));
                other.commitTransaction();
            }
            await(() -> values(T0, "read_committed").equals(List.of("other")));
            assertThrows(KafkaException.class, producer::commitTransaction);
            assertEquals(List.of("other"), values(T0, "read_committed"));
        }
    }

    @Test
    void consumeTransformProduceIsExactlyOnceOverARestart() throws Exception {
        int count = 200;
        try (KafkaProducer<String, String> input =
                new KafkaProducer<>(client(Map.of()), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                input.send(new ProducerRecord<>("in", i % 2, null, "m" + i));
            }
        }
        int moved = 0;
        int round = 0;
        try (KafkaConsumer<String, String> consumer =
                        consumer("read_committed", Map.of("group.id", "g", "max.poll.records", 20));
                KafkaProducer<String, String> producer = producer("mover")) {
            consumer.subscribe(List.of("in"));
            while (moved < count) {
                ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
                if (records.isEmpty()) {
                    continue;
                }
                producer.beginTransaction();
                Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
                for (ConsumerRecord<String, String> record : records) {
                    producer.send(record("out-" + record.value()));
                    next.put(
                            new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1));
                }
                producer.sendOffsetsToTransaction(next, consumer.groupMetadata());
                round++;
                if (round == 3) {
                    restart();
                }
                if (round % 4 == 2) {
                    producer.abortTransaction();
                    for (TopicPartition partition : consumer.assignment()) {
                        OffsetAndMetadata committed =
                                consumer.committed(java.util.Set.of(partition)).get(partition);
                        consumer.seek(partition, committed == null ? 0 : committed.offset());
                    }
                } else {
                    producer.commitTransaction();
                    moved += records.count();
                }
            }
            assertEquals(count, moved);
            long committed = consumer
                    .committed(java.util.Set.of(new TopicPartition("in", 0), new TopicPartition("in", 1)))
                    .values()
                    .stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
            assertEquals(count, committed);
        }
        List<String> out = values(T0, "read_committed");
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            expected.add("out-m" + i);
        }
        assertEquals(expected.stream().sorted().toList(), out.stream().sorted().toList());
    }

    @Test
    void offsetsInATransactionAreSeenAfterItsCommitOnly() throws Exception {
        TopicPartition in = new TopicPartition("in", 0);
        try (KafkaConsumer<String, String> consumer = consumer("read_committed", Map.of("group.id", "g"));
                KafkaProducer<String, String> producer = producer("tx");
                Admin admin = admin()) {
            consumer.assign(List.of(in));
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(Map.of(in, new OffsetAndMetadata(7)), consumer.groupMetadata());
            assertFalse(admin.listConsumerGroupOffsets("g")
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .containsKey(in));
            producer.abortTransaction();
            producer.beginTransaction();
            producer.sendOffsetsToTransaction(Map.of(in, new OffsetAndMetadata(9)), consumer.groupMetadata());
            producer.commitTransaction();
            // Asks for stable offsets, and waits until there are such.
            assertEquals(9, consumer.committed(java.util.Set.of(in)).get(in).offset());
        }
    }

    @Test
    void anOpenTransactionGoesOnAfterARestartAndADecidedOneStaysDecided() throws Exception {
        try (KafkaProducer<String, String> producer = producer("tx")) {
            producer.beginTransaction();
            producer.send(record("one"));
            producer.commitTransaction();
            producer.beginTransaction();
            producer.send(record("lost"));
            producer.flush();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(record("two"));
            producer.flush();
            restart();
            assertEquals(List.of("one"), values(T0, "read_committed"));
            producer.send(record("three"));
            producer.commitTransaction();
            await(() -> values(T0, "read_committed").equals(List.of("one", "two", "three")));
        }
    }

    @Test
    void transactionsAreListedDescribedAndAbortedByAnOperator() throws Exception {
        try (KafkaProducer<String, String> producer = producer("tx");
                Admin admin = admin()) {
            producer.beginTransaction();
            producer.send(record("open")).get();
            TransactionDescription described =
                    admin.describeTransactions(List.of("tx")).description("tx").get();
            assertEquals(TransactionState.ONGOING, described.state());
            assertEquals(java.util.Set.of(T0), described.topicPartitions());
            assertTrue(admin.listTransactions().all().get().stream()
                    .anyMatch(each -> each.transactionalId().equals("tx") && each.state() == TransactionState.ONGOING));
            ProducerState state =
                    admin.describeProducers(List.of(T0)).partitionResult(T0).get().activeProducers().stream()
                            .findFirst()
                            .orElseThrow();
            admin.abortTransaction(
                            new AbortTransactionSpec(T0, state.producerId(), (short) (state.producerEpoch() + 1), 1000))
                    .all()
                    .get();
            assertEquals(List.of(), values(T0, "read_committed"));
        }
    }

    @Test
    void manyTransactionsOfOneProducerKeepTheirOrder() {
        try (KafkaProducer<String, String> producer = producer("tx")) {
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                producer.beginTransaction();
                producer.send(record("v" + i));
                if (i % 5 == 4) {
                    producer.flush();
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                    expected.add("v" + i);
                }
            }
            assertEquals(expected, values(T0, "read_committed"));
        }
    }
}
