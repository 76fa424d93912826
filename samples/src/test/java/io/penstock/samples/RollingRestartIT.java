package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.zookeeper.EmbeddedZooKeeper;
import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
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

/** Three brokers are restarted one after another while applications send: no send fails, and nothing is lost or twice in a log. */
@Timeout(300)
class RollingRestartIT {
    private static final int PARTITIONS = 6;

    @TempDir
    Path directory;

    private final TreeMap<Integer, TestBroker> brokers = new TreeMap<>();
    private final AtomicBoolean rolled = new AtomicBoolean();
    private final AtomicInteger confirmed = new AtomicInteger();
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
    void noSendFailsAndNothingIsLost() throws Exception {
        admin.createTopics(List.of(
                        new NewTopic("t", PARTITIONS, (short) 3),
                        new NewTopic("orders", PARTITIONS, (short) 3).configs(Map.of("penstock.kind", "queue"))))
                .all()
                .get(30, TimeUnit.SECONDS);
        awaitAllInSync();
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            Future<Integer> produced = threads.submit(this::produceUntilRolled);
            Future<Integer> sent = threads.submit(this::sendUntilRolled);
            Future<Map<String, Integer>> received = threads.submit(() -> receiveAll(sent));

            roll();

            Set<String> values = new HashSet<>();
            assertEquals(produced.get(), readAll(values), "records in all");
            assertEquals(List.of(), List.copyOf(failures));
            assertEquals(produced.get(), values.size(), "different ones");
            assertEquals(sent.get(), received.get().size(), "different messages came");
            // What is acknowledged is gone from the log, its offsets are not.
            assertEquals((long) sent.get(), storedEver("orders"), "messages in all");
        } finally {
            threads.shutdownNow();
        }
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

    private long storedEver(String topic) throws Exception {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int i = 0; i < PARTITIONS; i++) {
            ends.put(new TopicPartition(topic, i), OffsetSpec.latest());
        }
        return admin.listOffsets(ends).all().get(30, TimeUnit.SECONDS).values().stream()
                .mapToLong(end -> end.offset())
                .sum();
    }

    private Connection connect() throws JMSException {
        return new PenstockConnectionFactory("penstock://" + bootstrap()).createConnection();
    }

    /** Each send blocks until the message is safe on the brokers. */
    private int sendUntilRolled() throws Exception {
        try (Connection connection = connect()) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(session.createQueue("orders"));
            int sent = 0;
            for (; !rolled.get(); sent++) {
                TextMessage message = session.createTextMessage("order " + sent);
                message.setIntProperty("JMS_Penstock_Partition", sent % PARTITIONS);
                producer.send(message);
                confirmed.incrementAndGet();
                Thread.sleep(2);
            }
            return sent;
        } catch (JMSException e) {
            failures.add(e);
            throw e;
        }
    }

    /**
     * Receives from the beginning of the roll on. A broker that goes may take acknowledgements with it: what comes again says so.
     *
     * @return how often each text came
     */
    private Map<String, Integer> receiveAll(Future<Integer> sent) throws Exception {
        Map<String, Integer> times = new HashMap<>();
        try (Connection connection = connect()) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));
            connection.start();
            while (!sent.isDone() || times.size() < sent.get()) {
                boolean over = sent.isDone();
                TextMessage message = (TextMessage) consumer.receive(over ? 20_000 : 500);
                assertTrue(message != null || !over, () -> "only " + times.size() + " came");
                if (message != null && times.merge(message.getText(), 1, Integer::sum) > 1) {
                    assertTrue(message.getJMSRedelivered(), () -> "it came twice: " + message);
                }
            }
        }
        return times;
    }

    /** As an operator does it: the next one when the cluster is whole again. */
    private void roll() throws Exception {
        try {
            for (TestBroker broker : brokers.values()) {
                int before = confirmed.get();
                await("messages", () -> !failures.isEmpty() || confirmed.get() > before + 100);
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
