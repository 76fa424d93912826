package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One record, two worlds: what JMS sends Kafka reads, and the reverse, with unmodified clients. */
@Timeout(60)
class JmsAndKafkaIT {
    private static final int WAIT = 10_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static List<ConsumerRecord<byte[], byte[]>> read(String topic, int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (var consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", BROKER.address(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            while (records.size() < count) {
                consumer.poll(Duration.ofMillis(500)).forEach(records::add);
            }
        }
        return records;
    }

    @Test
    void whatJmsSendsIsAReadableRecord() throws Exception {
        try (JMSContext context = BROKER.factory().createContext()) {
            Queue queue = context.createQueue("jms-to-kafka");
            TextMessage text = context.createTextMessage("ein Text");
            text.setIntProperty("count", 42);
            text.setStringProperty("colour", "red");
            text.setJMSType("order");
            context.createProducer()
                    .setPriority(7)
                    .setJMSCorrelationID("c-1")
                    .setProperty("JMSXGroupID", "group-1")
                    .send(queue, text);
            context.createProducer().send(queue, new byte[] {1, 2, 3});
            context.createProducer().send(queue, Map.of("amount", 12L));
        }
        List<ConsumerRecord<byte[], byte[]>> records = read("jms-to-kafka", 3);
        ConsumerRecord<byte[], byte[]> text = records.get(0);
        assertEquals("ein Text", new String(text.value(), StandardCharsets.UTF_8));
        assertEquals("group-1", new String(text.key(), StandardCharsets.UTF_8));
        assertEquals("42", header(text, "count"));
        assertEquals("red", header(text, "colour"));
        assertEquals("order", header(text, "JMSType"));
        assertEquals("c-1", header(text, "JMSCorrelationID"));
        assertEquals("7", header(text, "JMSPriority"));
        assertTrue(header(text, "JMSMessageID").startsWith("ID:"));
        assertArrayEquals(new byte[] {1, 2, 3}, records.get(1).value());
        assertTrue(new String(records.get(2).value(), StandardCharsets.UTF_8).contains("\"amount\""));
    }

    @Test
    void jmsGetsWhatIsCommittedAndNothingThatIsAborted() throws Exception {
        String queue = "kafka-transactions";
        try (JMSContext context = BROKER.factory().createContext();
                var open = transactional("open");
                var other = transactional("other")) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
            open.beginTransaction();
            open.send(new ProducerRecord<>(queue, utf8("first"))).get(10, TimeUnit.SECONDS);
            other.beginTransaction();
            other.send(new ProducerRecord<>(queue, utf8("aborted"))).get(10, TimeUnit.SECONDS);
            other.abortTransaction();
            context.createProducer().send(context.createQueue(queue), "second");
            other.beginTransaction();
            other.send(new ProducerRecord<>(queue, utf8("third"))).get(10, TimeUnit.SECONDS);
            other.commitTransaction();
            // What is not decided delays nobody.
            for (String expected : List.of("second", "third")) {
                assertEquals(expected, consumer.receiveBody(String.class, WAIT));
            }
            open.commitTransaction();
            assertEquals("first", consumer.receiveBody(String.class, WAIT));
        }
    }

    private static KafkaProducer<byte[], byte[]> transactional(String id) {
        var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", BROKER.address(), "transactional.id", id),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        producer.initTransactions();
        return producer;
    }

    @Test
    void whatKafkaProducesIsTheBestFittingMessage() throws Exception {
        try (JMSContext context = BROKER.factory().createContext()) {
            Queue queue = context.createQueue("kafka-to-jms");
            JMSConsumer consumer = context.createConsumer(queue);
            try (var producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", BROKER.address()),
                    new ByteArraySerializer(),
                    new ByteArraySerializer())) {
                var text = new ProducerRecord<>("kafka-to-jms", utf8("key"), utf8("{\"a\":1}"));
                text.headers().add("trace-id", utf8("t1"));
                producer.send(text).get(10, TimeUnit.SECONDS);
                producer.send(new ProducerRecord<>("kafka-to-jms", null, new byte[] {(byte) 0xff, 0, 1}))
                        .get(10, TimeUnit.SECONDS);
            }
            TextMessage text = assertInstanceOf(TextMessage.class, consumer.receive(WAIT));
            assertEquals("{\"a\":1}", text.getText());
            assertEquals("key", text.getStringProperty("JMSXGroupID"));
            assertTrue(text.getJMSMessageID().startsWith("ID:"));
            assertEquals(queue, text.getJMSDestination());
            BytesMessage bytes = assertInstanceOf(BytesMessage.class, consumer.receive(WAIT));
            assertEquals(3, bytes.getBodyLength());
        }
    }

    @Test
    void compressedBatchesOfKafkaAreRead() throws Exception {
        for (String codec : List.of("gzip", "snappy", "lz4", "zstd")) {
            String name = "compressed-" + codec;
            try (JMSContext context = BROKER.factory().createContext()) {
                JMSConsumer consumer = context.createConsumer(context.createQueue(name));
                try (var producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", BROKER.address(), "compression.type", codec),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
                    for (int i = 0; i < 100; i++) {
                        producer.send(new ProducerRecord<>(name, utf8("m" + i)));
                    }
                }
                for (int i = 0; i < 100; i++) {
                    assertEquals("m" + i, consumer.receiveBody(String.class, WAIT), codec);
                }
            }
        }
    }
}
