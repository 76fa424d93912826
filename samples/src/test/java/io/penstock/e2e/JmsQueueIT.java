package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Queues from end to end; the numbers are those of the rules. */
@Timeout(60)
class JmsQueueIT {
    private static final int WAIT = 10_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private String name;

    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    private static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    private static int count(Message message) throws JMSException {
        return message.getIntProperty("JMSXDeliveryCount");
    }

    private void send(int messages) throws JMSException {
        try (JMSContext context = BROKER.factory().createContext()) {
            for (int i = 0; i < messages; i++) {
                context.createProducer().send(context.createQueue(name), "m" + i);
            }
        }
    }

    private List<String> rest() throws JMSException {
        return rest(0);
    }

    /**
     * What another connection finds in the queue, and takes.
     *
     * @param least so many are waited for: what a dead connection held is given back after a grace
     */
    private List<String> rest(int least) throws JMSException {
        List<String> rest = new ArrayList<>();
        try (JMSContext context = BROKER.factory().createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(name));
            while (rest.size() < least) {
                Message message = consumer.receive(WAIT);
                rest.add(text(message) + "x" + count(message));
            }
            for (Message message = consumer.receiveNoWait(); message != null; message = consumer.receiveNoWait()) {
                rest.add(text(message) + "x" + count(message));
            }
        }
        return rest;
    }

    /** As a JmsTemplate receives, on a session that its pool keeps. What crosses a close may come behind later ones. */
    @Test
    void rule3ConsumersThatComeAndGoLeaveNothingWithTheirSession() throws Exception {
        int count = 300;
        try (Connection connection = BROKER.factory().createConnection();
                JMSContext sender = BROKER.factory().createContext()) {
            connection.start();
            Session session = connection.createSession();
            Queue queue = session.createQueue(name);
            CountDownLatch sent = new CountDownLatch(count);
            Thread sending = new Thread(() -> {
                for (int i = 0; i < count; i++) {
                    sender.createProducer().send(queue, "m" + i);
                    sent.countDown();
                }
            });
            sending.start();
            Set<String> got = new LinkedHashSet<>();
            for (int i = 0; i < count; i++) {
                try (MessageConsumer consumer = session.createConsumer(queue)) {
                    Message message = consumer.receive(WAIT);
                    assertNotNull(message, () -> "after " + got);
                    got.add(text(message) + "x" + count(message));
                }
            }
            assertTrue(sent.await(WAIT, TimeUnit.MILLISECONDS));
            assertEquals(IntStream.range(0, count).mapToObj(i -> "m" + i + "x1").collect(Collectors.toSet()), got);
            assertEquals(List.of(), rest());
        }
    }

    @Test
    void rule1AcknowledgeTakesEverythingTheSessionHasHad() throws Exception {
        send(4);
        try (Connection connection = BROKER.factory().createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            Message first = consumer.receive(WAIT);
            consumer.receive(WAIT);
            Message third = consumer.receive(WAIT);
            assertEquals("m2", text(third));
            first.acknowledge();
        }
        assertEquals(List.of("m3x1"), rest());
    }

    @Test
    void rule2RecoverRedeliversInOrderWithFlagAndCount() throws Exception {
        send(3);
        try (Connection connection = BROKER.factory().createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            for (int i = 0; i < 3; i++) {
                Message message = consumer.receive(WAIT);
                assertFalse(message.getJMSRedelivered());
                assertEquals(1, count(message));
            }
            session.recover();
            for (int i = 0; i < 3; i++) {
                Message message = consumer.receive(WAIT);
                assertEquals("m" + i, text(message));
                assertTrue(message.getJMSRedelivered());
                assertEquals(2, count(message));
            }
        }
        assertEquals(List.of("m0x3", "m1x3", "m2x3"), rest());
    }

    @Test
    void rule2RollbackRedeliversAndSendsNothing() throws Exception {
        send(2);
        try (JMSContext context = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue queue = context.createQueue(name);
            JMSConsumer consumer = context.createConsumer(queue);
            assertEquals("m0", text(consumer.receive(WAIT)));
            context.createProducer().send(queue, "never");
            context.rollback();
            Message again = consumer.receive(WAIT);
            assertEquals("m0", text(again));
            assertEquals(2, count(again));
            assertEquals("m1", text(consumer.receive(WAIT)));
            context.commit();
        }
        assertEquals(List.of(), rest());
    }

    @Test
    void rule3PrefetchedMessagesAreNotCountedWhenTheConnectionEnds() throws Exception {
        send(5);
        try (Connection connection = BROKER.factory().createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            consumer.receive(WAIT);
            consumer.receive(WAIT);
        }
        assertEquals(List.of("m0x2", "m1x2", "m2x1", "m3x1", "m4x1"), rest());
    }

    @Test
    void rule3CountsAreRightAfterTheBrokerWasRestarted() throws Exception {
        send(3);
        // Gone with the broker, so that its messages are free.
        Connection connection = BROKER.factory("reconnectAttempts=0").createConnection();
        connection.start();
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        consumer.receive(WAIT).acknowledge();
        consumer.receive(WAIT);
        session.recover();
        consumer.receive(WAIT);
        // With m2 the marks of m1, which was handed out twice, are on the socket; with the round trip at the broker.
        consumer.receive(WAIT);
        assertNull(consumer.receiveNoWait());
        BROKER.restart();
        List<String> found = rest(2);
        connection.close();
        assertEquals("m1x3", found.get(0), found.toString());
        assertEquals("m2x2", found.get(1), found.toString());
    }

    @Test
    void rule4ListenerThatThrowsInAutoGetsTheMessageAgain() throws Exception {
        send(2);
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        try (Connection connection = BROKER.factory().createConnection()) {
            Session session = connection.createSession();
            session.createConsumer(session.createQueue(name)).setMessageListener(message -> {
                try {
                    String seen = text(message) + "x" + count(message) + message.getJMSRedelivered();
                    got.add(seen);
                    if (seen.equals("m0x1false")) {
                        throw new IllegalArgumentException("on purpose");
                    }
                } catch (JMSException e) {
                    got.add(e.toString());
                }
            });
            connection.start();
            assertEquals("m0x1false", got.poll(10, TimeUnit.SECONDS));
            assertEquals("m0x2true", got.poll(10, TimeUnit.SECONDS));
            assertEquals("m1x1false", got.poll(10, TimeUnit.SECONDS));
        }
        assertEquals(List.of(), rest());
    }

    @Test
    void rule5BodyOfAnotherType() throws Exception {
        send(1);
        try (JMSContext context = BROKER.factory().createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(name));
            assertThrows(MessageFormatRuntimeException.class, () -> consumer.receiveBody(byte[].class, WAIT));
            Message message = consumer.receive(WAIT);
            assertEquals(1, count(message));
            assertFalse(message.getJMSRedelivered());
        }
        send(1);
        try (JMSContext context = BROKER.factory().createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(name));
            assertThrows(MessageFormatRuntimeException.class, () -> consumer.receiveBody(byte[].class, WAIT));
            context.recover();
            assertEquals(2, count(consumer.receive(WAIT)));
            context.acknowledge();
        }
    }

    @Test
    void rule6WhatWasAcknowledgedOrCommittedNeverComesBackOverARestart() throws Exception {
        send(6);
        // Gone with the broker, so that its messages are free.
        Connection connection = BROKER.factory("reconnectAttempts=0").createConnection();
        connection.start();
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer a = client.createConsumer(client.createQueue(name));
        a.receive(WAIT);
        a.receive(WAIT).acknowledge();
        a.close();
        Session transacted = connection.createSession(true, 0);
        Queue queue = transacted.createQueue(name);
        MessageConsumer b = transacted.createConsumer(queue);
        b.receive(WAIT);
        b.receive(WAIT);
        transacted.createProducer(queue).send(transacted.createTextMessage("committed"));
        transacted.commit();
        b.receive(WAIT);
        BROKER.restart();
        List<String> found = rest(3);
        connection.close();
        assertEquals(
                List.of("committed", "m4", "m5"),
                found.stream()
                        .map(one -> one.substring(0, one.indexOf('x')))
                        .sorted()
                        .toList());
    }

    @Test
    void rule6CommitOverSeveralQueuesIsAllOrNothing() throws Exception {
        send(2);
        try (JMSContext context = BROKER.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(name));
            consumer.receive(WAIT);
            for (int i = 0; i < 5; i++) {
                context.createProducer().send(context.createQueue(name + i), "out" + i);
            }
            context.commit();
            consumer.receive(WAIT);
            context.createProducer().send(context.createQueue(name + 0), "never");
        }
        BROKER.restart();
        assertEquals(List.of("m1x2"), rest(1));
        try (JMSContext context = BROKER.factory().createContext()) {
            for (int i = 0; i < 5; i++) {
                JMSConsumer consumer = context.createConsumer(context.createQueue(name + i));
                assertEquals("out" + i, consumer.receiveBody(String.class, WAIT));
                assertNull(consumer.receiveNoWait());
            }
        }
    }

    @Test
    void rule7SyncAndAsyncSendsOfASessionKeepTheirOrder() throws Exception {
        int messages = 3000;
        List<String> completed = new CopyOnWriteArrayList<>();
        try (Connection connection = BROKER.factory().createConnection()) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue(name + "?partitions=4"));
            for (int i = 0; i < messages; i++) {
                TextMessage message = session.createTextMessage("m" + i);
                if (i % 100 == 99) {
                    producer.send(message);
                } else if (i % 10 == 7) {
                    producer.send(message, DeliveryMode.NON_PERSISTENT, 4, 0);
                } else {
                    producer.send(message, new CompletionListener() {
                        @Override
                        public void onCompletion(Message sent) {
                            completed.add("ok");
                        }

                        @Override
                        public void onException(Message sent, Exception e) {
                            completed.add(e.toString());
                        }
                    });
                }
            }
        }
        assertEquals(messages - messages / 100 - messages / 10, completed.size());
        assertTrue(completed.stream().allMatch("ok"::equals), completed.toString());
        try (JMSContext context = BROKER.factory().createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(name));
            for (int i = 0; i < messages; i++) {
                assertEquals("m" + i, consumer.receiveBody(String.class, WAIT));
            }
        }
    }

    @Test
    void rule19TimeToLiveIsHonoured() throws Exception {
        try (JMSContext context = BROKER.factory().createContext()) {
            Queue queue = context.createQueue(name);
            context.createProducer().setTimeToLive(1).send(queue, "short");
            context.createProducer().send(queue, "long");
            long sent = System.nanoTime();
            while (System.nanoTime() - sent < 5_000_000) {
                Thread.onSpinWait();
            }
            assertEquals("long", context.createConsumer(queue).receiveBody(String.class, WAIT));
        }
    }

    @Test
    void rule22CloseGivesBackWhatWasNotAcknowledged() throws Exception {
        send(1);
        try (JMSContext context = BROKER.factory().createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            assertNotNull(context.createConsumer(context.createQueue(name)).receive(WAIT));
        }
        assertEquals(List.of("m0x2"), rest());
    }

    @Test
    void competingConsumersShareAQueueAndNothingIsLostOrTwice() throws Exception {
        int messages = 2000;
        CountDownLatch all = new CountDownLatch(messages);
        List<String> got = new CopyOnWriteArrayList<>();
        try (Connection connection = BROKER.factory("jms.prefetch=20").createConnection()) {
            connection.start();
            for (int i = 0; i < 5; i++) {
                Session session = connection.createSession();
                session.createConsumer(session.createQueue(name)).setMessageListener(message -> {
                    try {
                        got.add(text(message));
                    } catch (JMSException e) {
                        got.add(e.toString());
                    }
                    all.countDown();
                });
            }
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue(name));
            for (int i = 0; i < messages; i++) {
                producer.send(session.createTextMessage("m" + i), DeliveryMode.NON_PERSISTENT, 4, 0);
            }
            assertTrue(all.await(30, TimeUnit.SECONDS), got.size() + " came");
        }
        assertEquals(messages, got.size());
        assertEquals(messages, got.stream().distinct().count());
        assertEquals(List.of(), rest());
    }
}
