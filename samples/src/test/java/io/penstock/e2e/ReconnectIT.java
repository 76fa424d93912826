package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Connections that survive the broker's restart and the cutting of their sockets; the numbers are those of the rules. The
 * broker is closed in order here, with all it holds (the demo and KillIT kill it).
 */
@Timeout(90)
class ReconnectIT {
    private static final int WAIT = 20_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private String name;
    private CuttableProxy proxy;
    private final BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void open(TestInfo test) throws Exception {
        name = test.getTestMethod().orElseThrow().getName();
        proxy = new CuttableProxy(BROKER.port());
    }

    @AfterEach
    void close() throws Exception {
        proxy.close();
    }

    private Connection connect(ConnectionFactory factory) throws JMSException {
        Connection connection = factory.createConnection();
        connection.setExceptionListener(told::add);
        connection.start();
        return connection;
    }

    private static String text(Message message) throws JMSException {
        return message == null
                ? null
                : ((TextMessage) message).getText() + "x" + message.getIntProperty("JMSXDeliveryCount");
    }

    private void send(String... bodies) {
        try (JMSContext context = BROKER.factory().createContext()) {
            for (String body : bodies) {
                context.createProducer().send(context.createQueue(name), body);
            }
        }
    }

    private List<String> rest() throws JMSException {
        List<String> rest = new ArrayList<>();
        try (JMSContext context = BROKER.factory().createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(name));
            for (Message message = consumer.receiveNoWait(); message != null; message = consumer.receiveNoWait()) {
                rest.add(text(message));
            }
        }
        return rest;
    }

    /** Runs in another thread. */
    private static <T> CompletableFuture<T> meanwhile(java.util.concurrent.Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    @Test
    void rule6BlockingSendsOverRestartsAndCutsArriveOnceAndInOrder() throws Exception {
        int count = 2_000;
        try (Connection connection = connect(proxy.factory())) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue(name));
            AtomicBoolean done = new AtomicBoolean();
            CompletableFuture<Void> sending = meanwhile(() -> {
                for (int i = 0; i < count; i++) {
                    producer.send(session.createTextMessage("m" + i));
                }
                done.set(true);
                return null;
            });
            for (int cut = 0; cut < 12 && !done.get(); cut++) {
                TimeUnit.MILLISECONDS.sleep(40);
                proxy.cut();
            }
            if (!done.get()) {
                BROKER.restart();
            }
            sending.get(60, TimeUnit.SECONDS);
        }
        List<String> got = rest();
        for (int i = 0; i < count; i++) {
            assertEquals("m" + i + "x1", got.get(i));
        }
        assertEquals(count, got.size());
        assertTrue(told.isEmpty(), () -> told.toString());
    }

    @Test
    void rule6AcknowledgementsOfAutoArePresentedAgainAndNothingComesBack() throws Exception {
        int count = 3_000;
        ConcurrentMap<String, Integer> got = new ConcurrentHashMap<>();
        try (JMSContext sender = BROKER.factory().createContext()) {
            for (int i = 0; i < count; i++) {
                sender.createProducer().setAsync(new Ignored()).send(sender.createQueue(name), "m" + i);
            }
        }
        try (Connection connection = connect(proxy.factory("jms.prefetch=50"))) {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            for (int i = 0; i < count; i++) {
                Message message = consumer.receive(WAIT);
                assertNotNull(message, "after " + i);
                got.merge(text(message), 1, Integer::sum);
                if (i % 400 == 200) {
                    proxy.cut();
                }
                if (i == 1_500) {
                    BROKER.restart();
                }
            }
            assertNull(consumer.receive(300));
        }
        for (int i = 0; i < count; i++) {
            assertEquals(1, got.get("m" + i + "x1"), "message " + i);
        }
        assertEquals(List.of(), rest());
        assertTrue(told.isEmpty(), () -> told.toString());
    }

    private static final class Ignored implements jakarta.jms.CompletionListener {
        @Override
        public void onCompletion(Message message) {
            // The consumer counts them.
        }

        @Override
        public void onException(Message message, Exception exception) {
            throw new AssertionError("a send has failed", exception);
        }
    }

    @Test
    void rule6ClientAcknowledgeOfWhatWasHandedOutBeforeTheRestart() throws Exception {
        send("a", "b", "c");
        try (Connection connection = connect(BROKER.factory())) {
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            assertEquals("ax1", text(consumer.receive(WAIT)));
            Message b = consumer.receive(WAIT);

            BROKER.restart();

            b.acknowledge();
            assertEquals("cx1", text(consumer.receive(WAIT)));
            session.recover();
            assertEquals("cx2", text(consumer.receive(WAIT)));
        }
        assertTrue(told.isEmpty(), () -> told.toString());
    }

    @Test
    void rule3ReceiveGoesOnOverTheOutageAndCountsStay() throws Exception {
        try (Connection connection = connect(BROKER.factory())) {
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            CompletableFuture<Message> receiving = meanwhile(() -> consumer.receive(WAIT));
            BROKER.restart();
            send("late");
            assertEquals("latex1", text(receiving.get(WAIT, TimeUnit.MILLISECONDS)));
            assertNull(consumer.receiveNoWait());
        }
        assertTrue(told.isEmpty(), () -> told.toString());
    }

    @Test
    void rule18ABrowsersLookGoesOnOverCuts() throws Exception {
        List<String> bodies = IntStream.range(0, 700).mapToObj(i -> "m" + i).toList();
        send(bodies.toArray(String[]::new));
        List<String> seen = new ArrayList<>();
        try (Connection connection = connect(proxy.factory())) {
            Session session = connection.createSession();
            Enumeration<?> look =
                    session.createBrowser(session.createQueue(name)).getEnumeration();
            while (look.hasMoreElements()) {
                if (seen.size() % 150 == 50) {
                    proxy.cut();
                }
                seen.add(((TextMessage) look.nextElement()).getText());
            }
        }
        assertEquals(bodies, seen);
        assertTrue(told.isEmpty(), () -> told.toString());
    }

    @Test
    void transactionsOfBeforeTheRestartAreCommittedAfterIt() throws Exception {
        send("in1", "in2");
        try (Connection connection = connect(BROKER.factory())) {
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            MessageConsumer consumer = session.createConsumer(session.createQueue(name));
            MessageProducer producer = session.createProducer(session.createQueue(name + "-out"));
            assertEquals("in1x1", text(consumer.receive(WAIT)));
            producer.send(session.createTextMessage("out1"));
            BROKER.restart();
            session.commit();
            assertEquals("in2x1", text(consumer.receive(WAIT)));
            proxy.cut();
            session.rollback();
            assertEquals("in2x2", text(consumer.receive(WAIT)));
            session.commit();
        }
        assertEquals(List.of(), rest());
        name = name + "-out";
        assertEquals(List.of("out1x1"), rest());
        assertTrue(told.isEmpty(), () -> told.toString());
    }

    @Test
    void commitsOverCutsHappenOnce() throws Exception {
        int count = 150;
        try (Connection connection = connect(proxy.factory())) {
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            MessageProducer one = session.createProducer(session.createQueue(name));
            MessageProducer two = session.createProducer(session.createQueue(name + "-2"));
            AtomicBoolean done = new AtomicBoolean();
            CompletableFuture<Void> working = meanwhile(() -> {
                for (int i = 0; i < count; i++) {
                    one.send(session.createTextMessage("m" + i));
                    two.send(session.createTextMessage("m" + i));
                    session.commit();
                }
                done.set(true);
                return null;
            });
            while (!done.get() && !working.isDone()) {
                TimeUnit.MILLISECONDS.sleep(50);
                proxy.cut();
            }
            working.get(60, TimeUnit.SECONDS);
        }
        assertEquals(count, rest().size());
        name = name + "-2";
        assertEquals(count, rest().size());
    }

    @Test
    void durableSubscriptionsListenersAndStoppedConnectionsGoOn() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (Connection connection = BROKER.factory("jms.clientID=" + name).createConnection();
                Connection stopped = BROKER.factory().createConnection()) {
            connection.start();
            Session session = connection.createSession();
            session.createDurableConsumer(session.createTopic(name), "sub").setMessageListener(message -> {
                try {
                    heard.add(text(message));
                } catch (JMSException e) {
                    heard.add(e.toString());
                }
            });
            Session plain = connection.createSession();
            MessageConsumer nonDurable = plain.createConsumer(plain.createTopic(name));
            Session quiet = stopped.createSession();
            MessageConsumer none = quiet.createConsumer(quiet.createQueue(name + "-q"));
            MessageProducer producer = quiet.createProducer(quiet.createTopic(name));

            BROKER.restart();

            producer.send(quiet.createTextMessage("a"));
            assertEquals("ax1", heard.poll(WAIT, TimeUnit.MILLISECONDS));
            producer.send(quiet.createTextMessage("b"));
            assertEquals("bx1", heard.poll(WAIT, TimeUnit.MILLISECONDS));
            // What was sent before its connection was there again, a non-durable subscription may have missed.
            Message last = nonDurable.receive(WAIT);
            while (last != null && !text(last).equals("bx1")) {
                last = nonDurable.receive(WAIT);
            }
            assertNotNull(last);
            quiet.createProducer(quiet.createQueue(name + "-q")).send(quiet.createTextMessage("q"));
            assertNull(none.receive(200), "it is stopped");
            stopped.start();
            assertEquals("qx1", text(none.receive(WAIT)));
        }
    }

    @Test
    void rule22CloseNeverHangsWhileTheBrokerIsAway() throws Exception {
        Connection connection = connect(BROKER.factory());
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        MessageProducer producer = session.createProducer(session.createQueue(name));
        Session other = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer otherConsumer = other.createConsumer(other.createQueue(name));
        BROKER.stop();
        try {
            CompletableFuture<Message> receiving = meanwhile(() -> otherConsumer.receive());
            CompletableFuture<Void> sending = meanwhile(() -> {
                producer.send(session.createTextMessage("never"));
                return null;
            });
            TimeUnit.MILLISECONDS.sleep(200);
            assertFalse(receiving.isDone());
            assertFalse(sending.isDone());

            consumer.close();
            session.close();
            assertThrows(java.util.concurrent.ExecutionException.class, () -> sending.get(5, TimeUnit.SECONDS));
            connection.close();
            assertNull(receiving.get(5, TimeUnit.SECONDS));
        } finally {
            BROKER.start();
        }
        assertTrue(told.isEmpty(), () -> told.toString());
    }

    @Test
    void rule24LossForGoodIsToldOnce() throws Exception {
        Connection connection = connect(BROKER.factory("reconnectAttempts=3", "retryInterval=10"));
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        BROKER.stop();
        try {
            assertNotNull(told.poll(WAIT, TimeUnit.MILLISECONDS));
            assertThrows(JMSException.class, () -> consumer.receive(WAIT));
            connection.close();
            assertTrue(told.isEmpty());
        } finally {
            BROKER.start();
        }
    }
}
