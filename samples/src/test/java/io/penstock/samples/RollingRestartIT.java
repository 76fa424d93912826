package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.broker.zookeeper.EmbeddedZooKeeper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three brokers are restarted one after another while applications send: no send fails, and nothing is lost or twice there. */
@Timeout(300)
class RollingRestartIT {
    private static final int PARTITIONS = 6;

    @TempDir
    Path directory;

    private final TreeMap<Integer, TestBroker> brokers = new TreeMap<>();
    private final AtomicBoolean rolled = new AtomicBoolean();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private EmbeddedZooKeeper zookeeper;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        zookeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, false);
        for (int id = 1; id <= 3; id++) {
            brokers.put(
                    id,
                    TestBroker.start(
                            directory.resolve("broker-" + id),
                            Map.of(
                                    "broker.id",
                                    Integer.toString(id),
                                    "zookeeper.connect",
                                    zookeeper.connectString(),
                                    "default.replication.factor",
                                    "3",
                                    "min.insync.replicas",
                                    "2")));
        }
        admin = Admin.create(Map.of(
                "bootstrap.servers", bootstrap(), "request.timeout.ms", 5_000, "default.api.timeout.ms", 30_000));
        await("three brokers", () -> admin.describeCluster().nodes().get().size() == 3);
    }

    @AfterEach
    void stop() throws Exception {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
        }
        for (TestBroker broker : brokers.values()) {
            broker.close();
        }
        zookeeper.close();
    }

    private String bootstrap() {
        return String.join(
                ",", brokers.values().stream().map(TestBroker::bootstrap).toList());
    }

    @Test
    void kafkasProducersSeeNoFailedSend() throws Exception {
        admin.createTopics(List.of(new NewTopic("t", PARTITIONS, (short) 3)))
                .all()
                .get(30, TimeUnit.SECONDS);
        awaitAllInSync();
        List<Integer> counts = new ArrayList<>();
        Thread sender = new Thread(() -> counts.add(produceUntilRolled()), "sender");
        sender.start();

        roll();
        sender.join();

        assertEquals(List.of(), List.copyOf(failures));
        Set<String> values = new HashSet<>();
        assertEquals(counts.get(0), readAll(values), "records in all");
        assertEquals(counts.get(0), values.size(), "different ones");
    }

    /** @return how many were sent */
    private int produceUntilRolled() {
        int sent = 0;
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap(), "acks", "all", "linger.ms", 1),
                new StringSerializer(),
                new StringSerializer())) {
            while (!rolled.get()) {
                producer.send(
                        new ProducerRecord<>("t", sent % PARTITIONS, null, "record " + sent), (metadata, failure) -> {
                            if (failure != null) {
                                failures.add(failure);
                            }
                        });
                sent++;
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            failures.add(e);
        }
        return sent;
    }

    private int readAll(Set<String> values) {
        int read = 0;
        List<TopicPartition> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new TopicPartition("t", i));
        }
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap(), "auto.offset.reset", "earliest", "enable.auto.commit", false),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
                for (ConsumerRecord<String, String> each : consumer.poll(Duration.ofMillis(200))) {
                    values.add(each.value());
                    read++;
                }
            }
        }
        return read;
    }

    /** As an operator does it: the next one when the cluster is whole again. */
    private void roll() throws Exception {
        try {
            for (TestBroker broker : brokers.values()) {
                broker.restart();
                awaitAllInSync();
            }
        } finally {
            rolled.set(true);
        }
    }

    private void awaitAllInSync() throws Exception {
        await(
                "three replicas in sync everywhere",
                () -> admin.describeCluster().nodes().get().size() == 3
                        && admin
                                .describeTopics(admin.listTopics().names().get())
                                .allTopicNames()
                                .get()
                                .values()
                                .stream()
                                .flatMap(topic -> topic.partitions().stream())
                                .allMatch(each ->
                                        each.leader() != null && each.isr().size() == 3));
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
            } catch (ExecutionException e) {
                last = e;
            }
            Thread.sleep(50);
        }
        throw new AssertionError("not within 60 s: " + what, last);
    }
}
