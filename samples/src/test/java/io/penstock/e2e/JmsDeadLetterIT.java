package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Attempts, waits, dead letters and expiry from end to end (rules 3 and 19, invariant 19), set at run time. */
@Timeout(60)
class JmsDeadLetterIT {
    private static final int WAIT = 10_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private String name;

    @BeforeEach
    void name(TestInfo test) {
        name = "dead." + test.getTestMethod().orElseThrow().getName();
    }

    private static void set(String pattern, String... settings) throws Exception {
        SettingsClient.set(BROKER.port(), pattern, settings);
    }

    private static Message take(JMSContext context, String queue, long millis) {
        try (JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            return consumer.receive(millis);
        }
    }

    /** Its pieces go with it, and what comes before and behind it goes as ever. */
    @Test
    void aLargeMessageIsADeadLetterWithItsBody() throws Exception {
        String dead = name + ".DLQ";
        set(name, "max-delivery-attempts=1", "dead-letter-address=" + dead);
        byte[] body = new byte[3_000_000];
        new java.util.Random(5).nextBytes(body);
        try (JMSContext context = BROKER.factory().createContext(Session.SESSION_TRANSACTED)) {
            context.createProducer().send(context.createQueue(name), "before");
            context.createProducer().setProperty("count", 1).send(context.createQueue(name), body);
            context.createProducer().send(context.createQueue(name), "behind");
            context.commit();
            try (JMSConsumer consumer = context.createConsumer(context.createQueue(name))) {
                assertEquals("before", consumer.receiveBody(String.class, WAIT));
                assertEquals(3_000_000, consumer.receiveBody(byte[].class, WAIT).length);
                assertEquals("behind", consumer.receiveBody(String.class, WAIT));
                context.rollback();
                assertNull(consumer.receive(500));
            }
            try (JMSConsumer consumer = context.createConsumer(context.createQueue(dead))) {
                assertEquals("before", consumer.receiveBody(String.class, WAIT));
                Message large = consumer.receive(WAIT);
                assertNotNull(large);
                assertEquals(0, java.util.Arrays.compare(body, large.getBody(byte[].class)));
                assertEquals(1, large.getIntProperty("count"));
                assertEquals(name + "-0@13", large.getStringProperty("JMS_Penstock_Origin"));
                assertEquals("behind", consumer.receiveBody(String.class, WAIT));
                context.commit();
                assertNull(consumer.receive(100));
            }
        }
    }

    @Test
    void aMessageThatAlwaysFailsIsADeadLetterAfterItsAttempts() throws Exception {
        String dead = name + ".DLQ";
        set(name, "max-delivery-attempts=3", "dead-letter-address=" + dead);
        try (Connection connection = BROKER.factory().createConnection()) {
            Session sending = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = sending.createProducer(sending.createQueue(name));
            TextMessage poison = sending.createTextMessage("poison");
            poison.setIntProperty("count", 42);
            poison.setStringProperty("JMSXGroupID", "g");
            poison.setJMSCorrelationID("c-1");
            poison.setJMSType("t");
            producer.send(poison);
            producer.send(sending.createTextMessage("good"));

            List<String> attempts = new CopyOnWriteArrayList<>();
            BlockingQueue<String> good = new LinkedBlockingQueue<>();
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            session.createConsumer(session.createQueue(name)).setMessageListener(message -> {
                try {
                    String text = ((TextMessage) message).getText();
                    if (text.equals("poison")) {
                        attempts.add(text + message.getIntProperty("JMSXDeliveryCount"));
                        throw new IllegalStateException("on purpose");
                    }
                    good.add(text);
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            connection.start();
            assertEquals("good", good.poll(WAIT, TimeUnit.MILLISECONDS));

            Session other = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            TextMessage letter =
                    (TextMessage) other.createConsumer(other.createQueue(dead)).receive(WAIT);
            assertNotNull(letter);
            assertEquals(List.of("poison1", "poison2", "poison3"), attempts);
            assertEquals("poison", letter.getText());
            assertEquals(poison.getJMSMessageID(), letter.getJMSMessageID());
            assertEquals(poison.getJMSTimestamp(), letter.getJMSTimestamp());
            assertEquals("c-1", letter.getJMSCorrelationID());
            assertEquals("t", letter.getJMSType());
            assertEquals("g", letter.getStringProperty("JMSXGroupID"));
            assertEquals(42, letter.getObjectProperty("count"));
            assertEquals(name, letter.getStringProperty("_AMQ_ORIG_ADDRESS"));
            assertEquals(name, letter.getStringProperty("_AMQ_ORIG_QUEUE"));
            assertEquals("max-delivery-attempts", letter.getStringProperty("JMS_Penstock_Reason"));
            assertEquals(3, letter.getObjectProperty("JMS_Penstock_Attempts"));
            assertEquals(name + "-0@0", letter.getStringProperty("JMS_Penstock_Origin"));
            assertEquals(1, letter.getIntProperty("JMSXDeliveryCount"));
            assertFalse(letter.getJMSRedelivered());
        }
    }

    @Test
    void rolledBackMessagesAreDeadLettersInTheirOrder() throws Exception {
        String dead = name + ".DLQ";
        set(name, "max-delivery-attempts=2", "dead-letter-address=" + dead);
        try (Connection connection = BROKER.factory().createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(session.createQueue(name));
            for (int i = 0; i < 5; i++) {
                producer.send(session.createTextMessage("m" + i));
            }
            session.commit();
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            for (int attempt = 1; attempt <= 2; attempt++) {
                for (int i = 0; i < 3; i++) {
                    Message message = consumer.receive(WAIT);
                    assertEquals("m" + i, ((TextMessage) message).getText());
                    assertEquals(attempt, message.getIntProperty("JMSXDeliveryCount"));
                }
                session.rollback();
            }
            Message next = consumer.receive(WAIT);
            assertEquals("m3", ((TextMessage) next).getText());
            session.commit();
        }
        try (JMSContext context = BROKER.factory().createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(dead))) {
            for (int i = 0; i < 3; i++) {
                assertEquals("m" + i, consumer.receiveBody(String.class, WAIT));
            }
        }
    }

    @Test
    void aMessageThatFailsWaitsLongerEachTimeAndHoldsNobodyUp() throws Exception {
        set(
                name,
                "max-delivery-attempts=-1",
                "redelivery-delay=200",
                "redelivery-delay-multiplier=2",
                "max-redelivery-delay=500");
        try (Connection connection = BROKER.factory().createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(session.createQueue(name));
            producer.send(session.createTextMessage("late"));
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            assertNotNull(consumer.receive(WAIT));
            int count = 1;
            for (int delay : new int[] {200, 400, 500, 500}) {
                long begin = System.nanoTime();
                session.recover();
                producer.send(session.createTextMessage("other"));
                Message other = consumer.receive(delay / 2);
                assertEquals("other", ((TextMessage) other).getText(), "others are delivered meanwhile");
                other.acknowledge();
                try (QueueBrowser browser = session.createBrowser(session.createQueue(name))) {
                    assertFalse(browser.getEnumeration().hasMoreElements(), "rule 18: not yet due");
                }
                Message late = consumer.receive(WAIT);
                long millis = (System.nanoTime() - begin) / 1_000_000;
                assertEquals("late", ((TextMessage) late).getText());
                assertEquals(++count, late.getIntProperty("JMSXDeliveryCount"));
                assertTrue(millis >= delay - 1, "too early: " + millis);
                // The bound is 50 ms; what a busy machine adds is not the broker's.
                assertTrue(millis < delay + 1000, "too late: " + millis);
                System.out.println("redelivery-delay " + delay + ": after " + millis + " ms");
            }
            consumer.close();
        }
    }

    @Test
    void delaysAndSettingsOutliveARestart() throws Exception {
        set(name, "max-delivery-attempts=2", "redelivery-delay=1500", "dead-letter-address=" + name + ".DLQ");
        long begin;
        try (JMSContext context = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            context.createProducer().send(context.createQueue(name), "m");
            context.commit();
            assertNotNull(take(context, name, WAIT));
            begin = System.nanoTime();
            context.rollback();
        }
        BROKER.restart();
        try (JMSContext context = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            Message again = take(context, name, WAIT);
            assertNotNull(again);
            assertTrue((System.nanoTime() - begin) / 1_000_000 >= 1499);
            assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
            context.rollback();
            assertNotNull(take(context, name + ".DLQ", WAIT));
            context.commit();
        }
    }

    @Test
    void expiredMessagesGoToTheExpiryAddress() throws Exception {
        String expired = name + ".expired";
        set(name, "expiry-address=" + expired);
        try (JMSContext context = BROKER.factory().createContext()) {
            context.createProducer()
                    .setTimeToLive(50)
                    .setProperty("kept", 7L)
                    .send(context.createQueue(name), "short-lived");
            context.createProducer().send(context.createQueue(name), "lasting");
            Thread.sleep(60); // Time to live is what is tested: nothing else tells that it is over.
            assertEquals("lasting", take(context, name, WAIT).getBody(String.class));
            Message moved = take(context, expired, WAIT);
            assertNotNull(moved);
            assertEquals("short-lived", moved.getBody(String.class));
            assertEquals(0, moved.getJMSExpiration());
            assertEquals(7L, moved.getObjectProperty("kept"));
            assertEquals(name, moved.getStringProperty("_AMQ_ORIG_ADDRESS"));
            assertEquals("expired", moved.getStringProperty("JMS_Penstock_Reason"));
            assertTrue(moved.getObjectProperty("_AMQ_ACTUAL_EXPIRY") instanceof Long);
            assertNull(take(context, name, 100));
        }
    }

    /** Rule 19: nobody listens to the queue, before or after. */
    @Test
    void theExpiryAddressIsFilledWithoutAConsumerOfTheQueue() throws Exception {
        String expired = name + ".expired";
        set(name, "expiry-address=" + expired);
        try (JMSContext context = BROKER.factory().createContext();
                JMSContext transacted = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED);
                JMSConsumer consumer = context.createConsumer(context.createQueue(expired))) {
            for (JMSContext sending : List.of(context, transacted)) {
                sending.createProducer().setTimeToLive(300).send(sending.createQueue(name), "short-lived");
                if (sending.getTransacted()) {
                    sending.commit();
                }
                Message moved = consumer.receive(WAIT);
                assertNotNull(moved);
                assertEquals("short-lived", moved.getBody(String.class));
                assertEquals("expired", moved.getStringProperty("JMS_Penstock_Reason"));
            }
            try (QueueBrowser browser = context.createBrowser(context.createQueue(name))) {
                assertFalse(browser.getEnumeration().hasMoreElements());
            }
        }
    }

    /** Rule 19. */
    @Test
    void aBrowserDoesNotShowExpiredMessages() throws Exception {
        try (JMSContext context = BROKER.factory().createContext()) {
            context.createProducer().setTimeToLive(50).send(context.createQueue(name), "short-lived");
            context.createProducer().send(context.createQueue(name), "lasting");
            Thread.sleep(60); // Time to live is what is tested: nothing else tells that it is over.
            try (QueueBrowser browser = context.createBrowser(context.createQueue(name))) {
                List<?> shown = java.util.Collections.list(browser.getEnumeration());
                assertEquals(1, shown.size());
                assertEquals("lasting", ((TextMessage) shown.get(0)).getText());
            }
        }
    }

    @Test
    void withoutADeadLetterAddressTheyAreDropped() throws Exception {
        set(name, "max-delivery-attempts=1", "dead-letter-address=");
        try (JMSContext context = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            context.createProducer().send(context.createQueue(name), "m");
            context.commit();
            assertNotNull(take(context, name, WAIT));
            context.rollback();
            assertNull(take(context, name, 300));
        }
    }

    @Test
    void theMostSpecificPatternCountsAndIsInForceAtOnce() throws Exception {
        set("dead.#", "max-delivery-attempts=1", "dead-letter-address=" + name + ".DLQ");
        set("dead.*.inner", "max-delivery-attempts=3");
        String queue = name + ".inner";
        List<Integer> counts = new ArrayList<>();
        try (JMSContext context = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            context.createProducer().send(context.createQueue(queue), "m");
            context.commit();
            JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
            for (int i = 0; i < 3; i++) {
                counts.add(consumer.receive(WAIT).getIntProperty("JMSXDeliveryCount"));
                context.rollback();
            }
            assertEquals(List.of(1, 2, 3), counts);
            assertNotNull(take(context, name + ".DLQ", WAIT));
            context.commit();
        } finally {
            SettingsClient.unset(BROKER.port(), "dead.#", "max-delivery-attempts", "dead-letter-address");
        }
    }
}
