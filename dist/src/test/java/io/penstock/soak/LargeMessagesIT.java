package io.penstock.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.process.BrokerProcess;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Messages that do not fit into a record (B5), through a broker whose heap is hardly larger than two of them: whole, once,
 * with their transaction (JMS-RULES 1, 2, 6, 20), one message to JMS and one record to Kafka's clients.
 */
@Timeout(120)
class LargeMessagesIT {
    private static final int MEGABYTE = 1 << 20;
    private static final int BODY_BYTES_MAX = 100 * MEGABYTE;
    private static final int BLOCK = 64 * 1024;
    private static final long RECEIVE_MILLIS = 20_000;
    /** Heap and direct memory, each 256 MB at most, and the JVM's own; what three bodies would take is more. */
    private static final int BROKER_MEGABYTES_MAX = 480;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path directory;

    private static BrokerProcess broker;
    private Connection connection;

    @BeforeAll
    static void start() throws Exception {
        broker = new BrokerProcess(directory);
        broker.start();
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    @BeforeEach
    void connect() throws Exception {
        connection = new PenstockConnectionFactory(broker.url()).createConnection();
        connection.start();
    }

    @AfterEach
    void disconnect() throws Exception {
        connection.close();
    }

    private Session session(int mode) throws JMSException {
        return connection.createSession(mode);
    }

    /** Bytes that differ from message to message and from block to block. */
    private static byte[] block(int seed, int index) {
        byte[] block = new byte[BLOCK];
        for (int i = 0; i < BLOCK; i++) {
            block[i] = (byte) (seed * 31 + index * 7 + i);
        }
        return block;
    }

    private static BytesMessage bytes(Session session, int seed, int length) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        for (int i = 0; i * (long) BLOCK < length; i++) {
            message.writeBytes(block(seed, i), 0, Math.min(BLOCK, length - i * BLOCK));
        }
        message.setIntProperty("seed", seed);
        return message;
    }

    private static void assertBytes(int seed, int length, Message received) throws JMSException {
        assertNotNull(received, "message " + seed);
        assertEquals(seed, received.getIntProperty("seed"));
        BytesMessage message = (BytesMessage) received;
        assertEquals(length, message.getBodyLength());
        byte[] block = new byte[BLOCK];
        for (int i = 0; i * (long) BLOCK < length; i++) {
            int wanted = Math.min(BLOCK, length - i * BLOCK);
            assertEquals(wanted, message.readBytes(block));
            assertEquals(0, java.util.Arrays.compare(block(seed, i), 0, wanted, block, 0, wanted), "block " + i);
        }
        assertEquals(-1, message.readBytes(block));
    }

    private static String text(int length) {
        return "äbc…0123456789".repeat(length / 14);
    }

    /** B5: bodies of 100 MB, several at once, through small heaps, in order with what is small. */
    @Test
    void bodiesOfHundredMegabytesPassSmallHeaps() throws Exception {
        List<CompletableFuture<Void>> senders = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            int seed = i;
            senders.add(CompletableFuture.runAsync(() -> {
                try {
                    Session own = session(Session.AUTO_ACKNOWLEDGE);
                    MessageProducer producer = own.createProducer(own.createQueue("large-" + seed));
                    producer.send(bytes(own, seed, BODY_BYTES_MAX));
                    producer.send(own.createTextMessage("behind it"));
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        CompletableFuture.allOf(senders.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        for (int i = 0; i < 3; i++) {
            Session session = session(Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue("large-" + i));
            assertBytes(i, BODY_BYTES_MAX, consumer.receive(RECEIVE_MILLIS));
            assertEquals("behind it", ((TextMessage) consumer.receive(RECEIVE_MILLIS)).getText());
            assertNull(consumer.receiveNoWait());
            session.close();
        }
        System.out.println("broker with three bodies of 100 MB: " + broker.figures());
        assertTrue(broker.anonymousMegabytes() < BROKER_MEGABYTES_MAX, broker.figures());
        awaitDataBelow(30 * MEGABYTE);
    }

    /** B5: nothing of a body that is too long is stored; the sender is told which setting says so. */
    @Test
    void whatIsTooLongIsRefusedBeforeAnythingIsSent() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue("limits"));
        producer.send(session.createTextMessage("first"));
        long before = dataBytes();
        ResourceAllocationException refused = assertThrows(
                ResourceAllocationException.class, () -> producer.send(bytes(session, 1, BODY_BYTES_MAX + 1)));
        assertTrue(refused.getMessage().contains("large.message.max.bytes"), refused.getMessage());
        assertEquals("LIMIT_EXCEEDED", refused.getErrorCode());
        assertTrue(dataBytes() - before < MEGABYTE, "something was stored");
        producer.send(session.createTextMessage("second"));
        MessageConsumer consumer = session.createConsumer(session.createQueue("limits"));
        assertEquals("first", ((TextMessage) consumer.receive(RECEIVE_MILLIS)).getText());
        assertEquals("second", ((TextMessage) consumer.receive(RECEIVE_MILLIS)).getText());
    }

    /** Rules 1 and 2: a transaction's large messages come with it or not at all, and again after a rollback. */
    @Test
    void largeMessagesBelongToTheirTransaction() throws Exception {
        Session sending = session(Session.SESSION_TRANSACTED);
        MessageProducer producer = sending.createProducer(sending.createQueue("transacted"));
        producer.send(bytes(sending, 1, 3 * MEGABYTE));
        sending.rollback();
        Session receiving = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = receiving.createConsumer(receiving.createQueue("transacted"));
        producer.send(sending.createTextMessage("before"));
        producer.send(bytes(sending, 2, 3 * MEGABYTE));
        producer.send(sending.createTextMessage(text(20 * MEGABYTE)));
        MessageProducer other = sending.createProducer(sending.createQueue("elsewhere"));
        MapMessage map = sending.createMapMessage();
        map.setBytes("long", new byte[2 * MEGABYTE]);
        other.send(map);
        assertNull(consumer.receive(200));
        sending.commit();
        for (int delivery = 1; delivery <= 2; delivery++) {
            Message before = consumer.receive(RECEIVE_MILLIS);
            assertEquals("before", ((TextMessage) before).getText());
            Message large = consumer.receive(RECEIVE_MILLIS);
            assertBytes(2, 3 * MEGABYTE, large);
            assertEquals(delivery, large.getIntProperty("JMSXDeliveryCount"));
            TextMessage text = (TextMessage) consumer.receive(RECEIVE_MILLIS);
            assertEquals(text(20 * MEGABYTE), text.getText());
            if (delivery == 1) {
                receiving.rollback();
            } else {
                receiving.commit();
            }
        }
        assertNull(consumer.receiveNoWait());
        MessageConsumer elsewhere = receiving.createConsumer(receiving.createQueue("elsewhere"));
        MapMessage received = (MapMessage) elsewhere.receive(RECEIVE_MILLIS);
        assertEquals(2 * MEGABYTE, received.getBytes("long").length);
        receiving.commit();
        // Also what nobody sends any more is given back.
        awaitDataBelow(30 * MEGABYTE);
    }

    /** Rule 6 and 20: a blocking send completes once, whole, although the broker dies in the middle of the body. */
    @Test
    void aBrokerThatDiesInTheMiddleGetsTheMessageOnce() throws Exception {
        Session sending = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = sending.createProducer(sending.createQueue("killed"));
        producer.send(sending.createTextMessage("before"));
        long before = dataBytes();
        BytesMessage large = bytes(sending, 7, 90 * MEGABYTE);
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                producer.send(large);
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        awaitData(before + 5 * MEGABYTE);
        broker.kill();
        assertFalse(sent.isDone(), "the send was over before the broker was killed");
        broker.start();
        sent.get(60, TimeUnit.SECONDS);
        producer.send(sending.createTextMessage("after"));
        Session session = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue("killed"));
        assertEquals("before", ((TextMessage) consumer.receive(RECEIVE_MILLIS)).getText());
        assertBytes(7, 90 * MEGABYTE, consumer.receive(RECEIVE_MILLIS));
        Message last = consumer.receive(RECEIVE_MILLIS);
        assertEquals("after", ((TextMessage) last).getText());
        last.acknowledge();
        assertNull(consumer.receiveNoWait());
    }

    /** A native reader gets one record for each message, and can tell the large ones; nobody stumbles over the pieces. */
    @Test
    void kafkaConsumersSeeHeadsAndSkipPieces() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createTopic("mixed"));
        for (int i = 0; i < 6; i++) {
            Message message = i % 2 == 0 ? session.createTextMessage("small " + i) : bytes(session, i, 3 * MEGABYTE);
            message.setIntProperty("seed", i);
            producer.send(message);
        }
        for (String isolation : List.of("read_uncommitted", "read_committed")) {
            List<ConsumerRecord<String, String>> records = read("mixed", 6, isolation);
            assertEquals(6, records.size());
            for (int i = 0; i < 6; i++) {
                var large = records.get(i).headers().lastHeader("penstock.large");
                assertEquals(i % 2 == 0 ? "small " + i : "", records.get(i).value());
                assertEquals(i % 2 != 0, large != null);
                if (large != null) {
                    String text = new String(large.value(), StandardCharsets.UTF_8);
                    assertTrue(text.startsWith("bytes=3145728;crc32c="), text);
                }
            }
        }
    }

    private List<ConsumerRecord<String, String>> read(String topic, int count, String isolation) {
        List<ConsumerRecord<String, String>> records = new ArrayList<>();
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", broker.url().substring("penstock://".length()), "isolation.level", isolation);
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            for (int polls = 0; polls < 100 && consumer.position(partition) < end; polls++) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
            assertEquals(end, consumer.position(partition), count + " records were expected, " + records.size());
        }
        return records;
    }

    /** Of all segments; what goes meanwhile is not counted. */
    private static long dataBytes() throws IOException {
        AtomicLong sum = new AtomicLong();
        Files.walkFileTree(directory.resolve("data"), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".log")) {
                    sum.addAndGet(attributes.size());
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return sum.get();
    }

    private void awaitData(long bytes) throws Exception {
        for (int i = 0; i < 20_000 && dataBytes() < bytes; i++) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        assertTrue(dataBytes() >= bytes);
    }

    private void awaitDataBelow(long bytes) throws Exception {
        for (int i = 0; i < 400 && dataBytes() >= bytes; i++) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertTrue(dataBytes() < bytes, dataBytes() + " bytes are kept");
    }
}
