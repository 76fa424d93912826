package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Selectors and browsers from end to end; the numbers are those of the rules. */
@Timeout(120)
class JmsSelectorIT {
    private static final int WAIT = 10_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private String name;

    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    private static List<String> all(JMSConsumer consumer) {
        List<String> bodies = new ArrayList<>();
        for (String body = consumer.receiveBody(String.class, WAIT);
                body != null;
                body = consumer.receiveBodyNoWait(String.class)) {
            bodies.add(body);
        }
        return bodies;
    }

    @Test
    void rule27EachConsumerGetsWhatItsSelectorMatches() {
        try (JMSContext context = BROKER.factory().createContext()) {
            Queue queue = context.createQueue(name);
            JMSConsumer large = context.createConsumer(queue, "size >= 10 AND JMSType = 'part'");
            JMSConsumer small = context.createConsumer(queue, "size < 10");
            for (int i = 0; i < 20; i++) {
                context.createProducer()
                        .setJMSType("part")
                        .setProperty("size", i)
                        .send(queue, "m" + i);
            }
            context.createProducer().send(queue, "none");
            List<String> expected = new ArrayList<>();
            for (int i = 10; i < 20; i++) {
                expected.add("m" + i);
            }
            assertEquals(expected, all(large));
            assertEquals(10, all(small).size());
            assertEquals("size < 10", small.getMessageSelector());
            assertNull(large.receiveNoWait());
            JMSConsumer rest = context.createConsumer(queue);
            assertEquals(List.of("none"), all(rest));
            assertNull(rest.getMessageSelector());
        }
    }

    @Test
    void rule27SyntaxIsCheckedWhenTheConsumerIsMade() throws JMSException {
        try (JMSContext context = BROKER.factory().createContext()) {
            Queue queue = context.createQueue(name);
            assertThrows(InvalidSelectorRuntimeException.class, () -> context.createConsumer(queue, "a ="));
            assertThrows(InvalidSelectorRuntimeException.class, () -> context.createBrowser(queue, "a = 1 b"));
            assertNotNull(context.createConsumer(queue, ""));
        }
        try (Connection connection = BROKER.factory().createConnection()) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name + "-topic");
            assertThrows(InvalidSelectorException.class, () -> session.createConsumer(topic, "JMSReplyTo = 'x'"));
        }
    }

    @Test
    void rule2RollbackRedeliversInOrderToAConsumerWithASelector() {
        try (JMSContext context = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue queue = context.createQueue(name);
            for (int i = 0; i < 10; i++) {
                context.createProducer().setProperty("odd", i % 2 == 1).send(queue, "m" + i);
            }
            context.commit();
            JMSConsumer odd = context.createConsumer(queue, "odd");
            assertEquals(List.of("m1", "m3", "m5", "m7", "m9"), all(odd));
            context.rollback();
            assertEquals(List.of("m1", "m3", "m5", "m7", "m9"), all(odd));
            context.commit();
            odd.close();
            assertEquals(List.of("m0", "m2", "m4", "m6", "m8"), all(context.createConsumer(queue)));
            context.commit();
        }
    }

    @Test
    void rule9SelectorIsPartOfASubscription() {
        try (JMSContext context = BROKER.factory().createContext()) {
            context.setClientID("desk-selector");
            Topic topic = context.createTopic(name);
            context.createDurableConsumer(topic, "watch", "price > 5", false).close();
            for (int i = 0; i < 10; i++) {
                context.createProducer().setProperty("price", i).send(topic, "p" + i);
            }
            JMSConsumer same = context.createDurableConsumer(topic, "watch", "price > 5", false);
            assertEquals(List.of("p6", "p7", "p8", "p9"), all(same));
            same.close();
            context.createProducer().setProperty("price", 7).send(topic, "late");
            JMSConsumer other = context.createDurableConsumer(topic, "watch", "price > 6", false);
            assertNull(other.receiveNoWait());
            context.createProducer().setProperty("price", 6).send(topic, "no");
            context.createProducer().setProperty("price", 7).send(topic, "yes");
            assertEquals(List.of("yes"), all(other));
            JMSConsumer nonDurable = context.createConsumer(topic, "price BETWEEN 1 AND 2");
            context.createProducer().setProperty("price", 3).send(topic, "no");
            context.createProducer().setProperty("price", 2).send(topic, "two");
            assertEquals(List.of("two"), all(nonDurable));
            other.close();
            context.unsubscribe("watch");
        }
    }

    @Test
    void rule18BrowserRemovesNothing() throws JMSException {
        try (Connection connection = BROKER.factory().createConnection()) {
            connection.start();
            Session session = connection.createSession();
            Queue queue = session.createQueue(name);
            QueueBrowser browser = session.createBrowser(queue);
            assertFalse(browser.getEnumeration().hasMoreElements());
            for (int i = 0; i < 1000; i++) {
                TextMessage message = session.createTextMessage("m" + i);
                message.setIntProperty("i", i);
                session.createProducer(queue).send(message);
            }
            MessageConsumer consumer = session.createConsumer(queue);
            assertEquals("m0", ((TextMessage) consumer.receive(WAIT)).getText());
            assertEquals("m1", ((TextMessage) consumer.receive(WAIT)).getText());
            // Both are acknowledged; what waits at the consumer is shown.
            assertEquals(998, browse(browser).size());
            Enumeration<?> half = browser.getEnumeration();
            assertEquals("m2", ((TextMessage) half.nextElement()).getText());
            assertEquals("m2", browse(browser).get(0));
            assertEquals("m3", ((TextMessage) half.nextElement()).getText());
            QueueBrowser selecting = session.createBrowser(queue, "i >= 990");
            assertEquals("i >= 990", selecting.getMessageSelector());
            assertEquals(10, browse(selecting).size());
            assertEquals("m2", ((TextMessage) consumer.receive(WAIT)).getText());
            browser.close();
            assertThrows(IllegalStateException.class, browser::getEnumeration);
            Enumeration<?> end = selecting.getEnumeration();
            while (end.hasMoreElements()) {
                end.nextElement();
            }
            assertThrows(NoSuchElementException.class, end::nextElement);
        }
    }

    private static List<String> browse(QueueBrowser browser) throws JMSException {
        List<String> bodies = new ArrayList<>();
        for (Enumeration<?> each = browser.getEnumeration(); each.hasMoreElements(); ) {
            bodies.add(((TextMessage) (Message) each.nextElement()).getText());
        }
        return bodies;
    }

    /** A smaller form of the benchmark: what matches nobody is looked at once, and then costs nothing. */
    @Test
    void backlogThatMatchesNobodyDoesNotSlowTenConsumers() {
        int backlog = 50_000;
        int messages = 2_000;
        try (JMSContext context = BROKER.factory().createContext()) {
            Queue queue = context.createQueue(name);
            List<JMSConsumer> consumers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                consumers.add(context.createConsumer(queue, "color = 'c" + i + "'"));
            }
            try (JMSContext sender = context.createContext(JMSContext.SESSION_TRANSACTED)) {
                for (int i = 0; i < backlog; i++) {
                    sender.createProducer().setProperty("color", "nobody").send(queue, "b");
                    if (i % 1000 == 999) {
                        sender.commit();
                    }
                }
                for (int i = 0; i < messages; i++) {
                    sender.createProducer().setProperty("color", "c" + i % 10).send(queue, "m" + i);
                }
                sender.commit();
            }
            for (int i = 0; i < messages; i++) {
                assertEquals("m" + i, consumers.get(i % 10).receiveBody(String.class, WAIT));
            }
            for (JMSConsumer consumer : consumers) {
                assertNull(consumer.receiveNoWait());
            }
            assertTrue(context.createBrowser(queue, "color = 'nobody'") != null);
            context.createConsumer(queue).close();
        }
    }
}
