package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Connection consumers with a pool as an application server has one (Messaging 3.1 §12). */
@Timeout(60)
class JmsConnectionConsumerIT {
    private static final int WAIT = 10_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private boolean wrapped;
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private String name;

    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    /** What a listener of the pool's sessions does. */
    private interface Work {
        void on(Session session, Message message) throws JMSException;
    }

    /** As Micrometer and containers wrap sessions. */
    private static Session wrapped(Session session) {
        return (Session) Proxy.newProxyInstance(
                Session.class.getClassLoader(),
                new Class<?>[] {Session.class},
                (proxy, method, arguments) -> method.invoke(session, arguments));
    }

    /** So many sessions, each run by a thread of the server. */
    private final class Pool implements ServerSessionPool {
        private final BlockingQueue<ServerSession> free = new LinkedBlockingQueue<>();

        Pool(Connection connection, int size, int mode, Work work) throws JMSException {
            for (int i = 0; i < size; i++) {
                Session session = connection.createSession(mode);
                MessageListener listener = message -> {
                    try {
                        work.on(session, message);
                    } catch (JMSException e) {
                        throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
                    }
                };
                session.setMessageListener(listener);
                Session given = wrapped ? wrapped(session) : session;
                assertEquals(listener, session.getMessageListener());
                free.add(new ServerSession() {
                    @Override
                    public Session getSession() {
                        return given;
                    }

                    @Override
                    public void start() {
                        ServerSession me = this;
                        threads.execute(() -> {
                            given.run();
                            free.add(me);
                        });
                    }
                });
            }
        }

        @Override
        public ServerSession getServerSession() throws JMSException {
            try {
                return free.take();
            } catch (InterruptedException e) {
                throw new JMSException(e.toString());
            }
        }
    }

    private void send(boolean topic, String... bodies) {
        try (JMSContext context = BROKER.factory().createContext()) {
            Destination to = topic ? context.createTopic(name) : context.createQueue(name);
            for (String body : bodies) {
                context.createProducer()
                        .setProperty("kind", body.substring(0, 1))
                        .send(to, body);
            }
        }
    }

    private Connection connection(String... options) throws JMSException {
        return BROKER.factory(options).createConnection();
    }

    private List<String> take(int count) throws InterruptedException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(received.poll(WAIT, TimeUnit.MILLISECONDS));
        }
        Collections.sort(all);
        return all;
    }

    @Test
    void wrappedSessionsOfAPoolAreAsGoodAsOurs() throws Exception {
        wrapped = true;
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            Pool pool = new Pool(
                    connection,
                    2,
                    Session.AUTO_ACKNOWLEDGE,
                    (own, message) -> received.add(message.getBody(String.class)));
            connection.createConnectionConsumer(session.createQueue(name), null, pool, 2);
            connection.start();
            send(false, "m1", "m2", "m3");
            assertEquals(List.of("m1", "m2", "m3"), take(3));
        }
    }

    @Test
    void messagesOfAQueueReachSessionsOfThePoolOnceTheConnectionIsStarted() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            Pool pool = new Pool(
                    connection,
                    3,
                    Session.AUTO_ACKNOWLEDGE,
                    (own, message) -> received.add(message.getBody(String.class)));
            ConnectionConsumer consumer =
                    connection.createConnectionConsumer(session.createQueue(name), "kind = 'm'", pool, 2);
            assertEquals(pool, consumer.getServerSessionPool());
            send(false, "m0", "m1", "m2", "x0", "m3", "m4");
            assertNull(received.poll(100, TimeUnit.MILLISECONDS));
            connection.start();
            assertEquals(List.of("m0", "m1", "m2", "m3", "m4"), take(5));
            consumer.close();
            assertThrows(JMSException.class, consumer::getServerSessionPool);
            send(false, "m5");
            assertNull(received.poll(100, TimeUnit.MILLISECONDS));
        }
        try (JMSContext context = BROKER.factory().createContext()) {
            assertEquals("x0", context.createConsumer(context.createQueue(name)).receiveBody(String.class, WAIT));
        }
    }

    @Test
    void aRolledBackMessageComesAgainAndIsCounted() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            Pool pool = new Pool(connection, 2, Session.SESSION_TRANSACTED, (own, message) -> {
                int count = message.getIntProperty("JMSXDeliveryCount");
                received.add(((TextMessage) message).getText() + "x" + count);
                if (count == 1) {
                    own.rollback();
                } else {
                    own.commit();
                }
            });
            connection.createConnectionConsumer(session.createQueue(name), null, pool, 1);
            connection.start();
            send(false, "m0");
            assertEquals(List.of("m0x1", "m0x2"), take(2));
            assertNull(received.poll(200, TimeUnit.MILLISECONDS));
        }
    }

    @Test
    void rule4ARuntimeExceptionInAutoBringsTheMessageAgainAtOnce() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            Pool pool = new Pool(connection, 1, Session.AUTO_ACKNOWLEDGE, (own, message) -> {
                int count = message.getIntProperty("JMSXDeliveryCount");
                received.add(((TextMessage) message).getText() + "x" + count);
                if (count == 1) {
                    throw new IllegalArgumentException("on purpose");
                }
            });
            connection.createConnectionConsumer(session.createQueue(name), null, pool, 5);
            connection.start();
            send(false, "m0");
            assertEquals(List.of("m0x1", "m0x2"), take(2));
        }
    }

    @Test
    void subscriptionsOfEveryKind() throws Exception {
        try (Connection connection = connection("jms.clientID=" + name)) {
            Session session = connection.createSession();
            Pool pool = new Pool(
                    connection,
                    2,
                    Session.AUTO_ACKNOWLEDGE,
                    (own, message) -> received.add(message.getBody(String.class)));
            var topic = session.createTopic(name);
            List<ConnectionConsumer> all = List.of(
                    connection.createConnectionConsumer(topic, null, pool, 1),
                    connection.createDurableConnectionConsumer(topic, "durable", null, pool, 1),
                    connection.createSharedConnectionConsumer(topic, "shared", null, pool, 1),
                    connection.createSharedDurableConnectionConsumer(topic, "sharedDurable", null, pool, 1));
            connection.start();
            for (int i = 0; i < 5; i++) {
                send(true, "m" + i);
                assertEquals(Collections.nCopies(4, "m" + i), take(4));
            }
            for (ConnectionConsumer consumer : all) {
                consumer.close();
            }
            session.unsubscribe("durable");
            session.unsubscribe("sharedDurable");
        }
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            assertThrows(
                    JMSException.class,
                    () -> connection.createConnectionConsumer(session.createQueue(name + "q"), null, null, 1));
        }
    }
}
