package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Delivery delays and priorities from end to end; the numbers are those of the rules. */
@Timeout(120)
class JmsOrderIT {
    private static final int WAIT = 10_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private String name;

    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    private static List<String> all(JMSConsumer consumer, int count) {
        List<String> bodies = new ArrayList<>();
        while (bodies.size() < count) {
            String body = consumer.receiveBody(String.class, WAIT);
            assertNotNull(body, "only " + bodies);
            bodies.add(body);
        }
        return bodies;
    }

    /** By how much each came later than its time; negative is early. */
    @Test
    void rule19DelaysAreKeptAndHoldNobodyUp() throws Exception {
        int count = 40;
        List<Long> lateMillis = new CopyOnWriteArrayList<>();
        CountDownLatch arrived = new CountDownLatch(count);
        try (JMSContext context = BROKER.factory().createContext();
                JMSContext listening = BROKER.factory().createContext()) {
            Queue queue = context.createQueue(name);
            JMSConsumer consumer = listening.createConsumer(queue);
            Random random = new Random(19);
            JMSProducer producer = context.createProducer();
            producer.setDeliveryDelay(4_000).send(queue, "delayed");
            producer.setDeliveryDelay(0).send(queue, "now");
            assertEquals("now", consumer.receiveBody(String.class, WAIT));
            consumer.setMessageListener(message -> {
                try {
                    lateMillis.add(System.currentTimeMillis() - message.getJMSDeliveryTime());
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
                arrived.countDown();
            });
            for (int i = 1; i < count; i++) {
                producer.setDeliveryDelay(300 + random.nextInt(1_500)).send(queue, "delayed");
            }
            assertTrue(arrived.await(WAIT, TimeUnit.MILLISECONDS), lateMillis.size() + " arrived");
        }
        Collections.sort(lateMillis);
        assertTrue(lateMillis.get(0) >= 0, "early: " + lateMillis);
        // The machine may be busy: how exact they are ScheduledMeasurement tells.
        assertTrue(lateMillis.get(count / 4) <= 50, "late: " + lateMillis);
    }

    @Test
    void rule19ScheduledMessagesOutliveTheBroker() throws Exception {
        long due;
        try (JMSContext context = BROKER.factory().createContext()) {
            Queue queue = context.createQueue(name);
            TextMessage later = context.createTextMessage("later");
            context.createProducer().setDeliveryDelay(3_000).send(queue, later);
            context.createProducer()
                    .setDeliveryDelay(2_000)
                    .setTimeToLive(1_000)
                    .send(queue, "no longer");
            due = later.getJMSDeliveryTime();
        }
        BROKER.restart();
        try (JMSContext context = BROKER.factory().createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(name));
            Message message = consumer.receive(WAIT);
            assertTrue(System.currentTimeMillis() >= due, "early");
            assertEquals("later", message.getBody(String.class));
            assertEquals(due, message.getJMSDeliveryTime());
            assertEquals(1, message.getIntProperty("JMSXDeliveryCount"));
            assertNull(consumer.receiveNoWait());
        }
    }

    @Test
    void rule19TheDelayCountsFromTheSendAndNotFromTheCommit() throws Exception {
        try (JMSContext context = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED);
                JMSContext receiving = BROKER.factory().createContext()) {
            Queue queue = context.createQueue(name);
            JMSConsumer consumer = receiving.createConsumer(queue);
            TextMessage message = context.createTextMessage("m");
            context.createProducer().setDeliveryDelay(500).send(queue, message);
            while (System.currentTimeMillis() < message.getJMSDeliveryTime()) {
                assertNull(consumer.receive(50));
            }
            context.commit();
            assertEquals("m", consumer.receiveBody(String.class, 2_000));
        }
    }

    @Test
    void rule18BrowsersDoNotShowWhatIsNotDueAndShowTheOrderOfDelivery() {
        try (JMSContext context = BROKER.factory().createContext()) {
            Queue queue = context.createQueue(name);
            context.createProducer().setDeliveryDelay(60_000).send(queue, "later");
            context.createProducer().send(queue, "one");
            context.createProducer().setPriority(8).send(queue, "two");
            List<String> shown = new ArrayList<>();
            QueueBrowser browser = context.createBrowser(queue);
            for (Object message : Collections.list(browser.getEnumeration())) {
                shown.add(((TextMessage) message).getText());
            }
            assertEquals(List.of("two", "one"), shown);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void rule11ADelayedTopicMessageIsForThoseWhoWereThere() {
        try (JMSContext context = BROKER.factory("jms.clientID=" + name).createContext()) {
            Topic topic = context.createTopic(name);
            JMSConsumer early = context.createConsumer(topic);
            JMSConsumer durable = context.createDurableConsumer(topic, "durable");
            durable.close();
            context.createProducer().setDeliveryDelay(1_000).send(topic, "m");
            JMSConsumer late = context.createConsumer(topic);
            assertEquals("m", early.receiveBody(String.class, WAIT));
            assertEquals("m", context.createDurableConsumer(topic, "durable").receiveBody(String.class, WAIT));
            assertNull(late.receiveNoWait());
        }
    }

    @Test
    void rule19TheHighestPriorityIsNextAboveABacklog() {
        int backlog = 20_000;
        try (JMSContext context = BROKER.factory("jms.prefetch=1").createContext();
                JMSContext sending = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue queue = context.createQueue(name);
            JMSProducer low = sending.createProducer().setPriority(1);
            for (int i = 0; i < backlog; i++) {
                low.send(queue, "low " + i);
                if (i % 1_000 == 999) {
                    sending.commit();
                }
            }
            JMSConsumer consumer = context.createConsumer(queue);
            assertEquals("low 0", consumer.receiveBody(String.class, WAIT));
            for (int priority = 4; priority <= 9; priority++) {
                sending.createProducer().setPriority(priority).send(queue, "high " + priority);
            }
            sending.commit();
            // With a prefetch of 1 nothing is on its way before it is asked for.
            assertEquals(
                    List.of("high 9", "high 8", "high 7", "high 6", "high 5", "high 4", "low 1"), all(consumer, 7));
        }
    }

    @Test
    void redeliveredMessagesAreFirstAmongTheirPriority() {
        try (JMSContext context = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue queue = context.createQueue(name);
            JMSProducer producer = context.createProducer();
            producer.setPriority(5);
            for (int i = 0; i < 4; i++) {
                producer.send(queue, "five " + i);
            }
            context.commit();
            try (JMSContext other = BROKER.factory("jms.prefetch=1").createContext(JMSContext.SESSION_TRANSACTED)) {
                assertEquals("five 0", other.createConsumer(queue).receiveBody(String.class, WAIT));
            }
            producer.setPriority(7).send(queue, "seven");
            context.commit();
            JMSConsumer consumer = context.createConsumer(queue);
            assertEquals(List.of("seven", "five 0", "five 1", "five 2", "five 3"), all(consumer, 5));
            context.commit();
        }
    }

    @Test
    void kafkaReadsAtOnceWhatIsDelayedForJmsAndMayAskForTheSame() {
        try (JMSContext context = BROKER.factory().createContext();
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", BROKER.address()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
                KafkaConsumer<byte[], byte[]> kafka = new KafkaConsumer<>(
                        Map.of("bootstrap.servers", BROKER.address(), "auto.offset.reset", "earliest"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            Queue queue = context.createQueue(name);
            JMSConsumer consumer = context.createConsumer(queue);
            context.createProducer().setDeliveryDelay(60_000).send(queue, "later");
            kafka.assign(List.of(new TopicPartition(name, 0)));
            while (kafka.poll(Duration.ofMillis(100)).isEmpty()) {
                // The test's time limit ends it.
            }
            long due = System.currentTimeMillis() + 700;
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(name, "kafka".getBytes(StandardCharsets.UTF_8));
            record.headers().add("JMSDeliveryTime", Long.toString(due).getBytes(StandardCharsets.UTF_8));
            producer.send(record);
            producer.flush();
            assertEquals("kafka", consumer.receiveBody(String.class, WAIT));
            assertTrue(System.currentTimeMillis() >= due, "early");
        }
    }

    @Test
    void aNegativeDelayIsRefused() {
        try (JMSContext context = BROKER.factory().createContext()) {
            assertThrows(
                    JMSRuntimeException.class, () -> context.createProducer().setDeliveryDelay(-1));
            assertEquals(7, context.createProducer().setDeliveryDelay(7).getDeliveryDelay());
        }
    }
}
