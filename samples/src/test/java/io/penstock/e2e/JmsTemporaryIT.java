package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockTemporaryQueue;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueRequestor;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicRequestor;
import jakarta.jms.TopicSession;
import jakarta.jms.TransactionRolledBackException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Temporary destinations, requestors from end to end; the numbers are those of the rules. */
@Timeout(60)
class JmsTemporaryIT {
    private static final int WAIT = 10_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private String name;

    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    private static Connection connection(String... options) throws JMSException {
        return started(BROKER.factory(options));
    }

    private static Connection started(ConnectionFactory factory) throws JMSException {
        Connection connection = factory.createConnection();
        connection.start();
        return connection;
    }

    private static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    private static void send(Session session, jakarta.jms.Destination to, String body) throws JMSException {
        try (MessageProducer producer = session.createProducer(to)) {
            producer.send(session.createTextMessage(body));
        }
    }

    /** Answers each request on another connection, until that is closed. */
    private Connection answering(jakarta.jms.Destination requests) throws JMSException {
        Connection connection = connection();
        Session session = connection.createSession();
        MessageProducer replies = session.createProducer(null);
        session.createConsumer(requests).setMessageListener(request -> {
            try {
                TextMessage reply = session.createTextMessage("re: " + text(request));
                reply.setJMSCorrelationID(request.getJMSMessageID());
                replies.send(request.getJMSReplyTo(), reply);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        return connection;
    }

    @Test
    void rule16AReplyReachesTheQueueThatJmsReplyToNames() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            Queue requests = session.createQueue(name);
            try (Connection server = answering(requests)) {
                TemporaryQueue replies = session.createTemporaryQueue();
                MessageConsumer consumer = session.createConsumer(replies);
                for (int i = 0; i < 50; i++) {
                    TextMessage request = session.createTextMessage("m" + i);
                    request.setJMSReplyTo(replies);
                    session.createProducer(requests).send(request);
                    Message reply = consumer.receive(WAIT);
                    assertEquals("re: m" + i, text(reply));
                    assertEquals(request.getJMSMessageID(), reply.getJMSCorrelationID());
                    assertEquals(replies, reply.getJMSDestination());
                }
            }
        }
    }

    @Test
    void rule16AnybodySendsAndOnlyItsOwnConnectionConsumes() throws Exception {
        try (Connection owner = connection();
                Connection other = connection()) {
            Session mine = owner.createSession();
            Session foreign = other.createSession();
            TemporaryQueue queue = mine.createTemporaryQueue();
            TemporaryTopic topic = mine.createTemporaryTopic();
            assertThrows(InvalidDestinationException.class, () -> foreign.createConsumer(queue));
            assertThrows(InvalidDestinationException.class, () -> foreign.createConsumer(topic));
            // By the name alone: the broker refuses it too.
            Queue byName = new PenstockTemporaryQueue(queue.getQueueName());
            assertThrows(InvalidDestinationException.class, () -> foreign.createConsumer(byName));
            assertThrows(JMSException.class, () -> ((TemporaryQueue) byName).delete());
            send(foreign, byName, "from another connection");
            MessageConsumer consumer = owner.createSession().createConsumer(queue);
            assertEquals("from another connection", text(consumer.receive(WAIT)));
            send(foreign, topic, "nobody listens");
            MessageConsumer first = mine.createConsumer(topic);
            MessageConsumer second = mine.createConsumer(topic, null, true);
            send(foreign, topic, "both");
            send(mine, topic, "own");
            assertEquals("both", text(first.receive(WAIT)));
            assertEquals("own", text(first.receive(WAIT)));
            assertEquals("both", text(second.receive(WAIT)));
            assertNull(second.receiveNoWait());
        }
    }

    @Test
    void rule16DeleteFailsWhileThereIsAConsumerAndThenSendingFails() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            TemporaryQueue queue = session.createTemporaryQueue();
            MessageProducer producer = session.createProducer(queue);
            MessageConsumer consumer = session.createConsumer(queue);
            assertThrows(JMSException.class, queue::delete);
            consumer.close();
            producer.send(session.createTextMessage("left behind"));
            queue.delete();
            assertThrows(InvalidDestinationException.class, () -> producer.send(session.createTextMessage("too late")));
            assertThrows(InvalidDestinationException.class, () -> session.createConsumer(queue));
            queue.delete();
            TemporaryTopic topic = session.createTemporaryTopic();
            MessageConsumer subscriber = session.createConsumer(topic);
            assertThrows(JMSException.class, topic::delete);
            subscriber.close();
            topic.delete();
        }
    }

    @Test
    void rule17AReplyToAnOwnerThatIsGoneFailsClearly() throws Exception {
        try (Connection server = connection()) {
            Session session = server.createSession();
            Session transacted = server.createSession(Session.SESSION_TRANSACTED);
            Connection owner = connection();
            TemporaryQueue queue = owner.createSession().createTemporaryQueue();
            send(session, queue, "there");
            owner.close();
            assertThrows(InvalidDestinationException.class, () -> send(session, queue, "gone"));
            send(transacted, queue, "gone");
            assertThrows(TransactionRolledBackException.class, transacted::commit);
        }
    }

    @Test
    void rule17ItGoesWithAConnectionThatCrashed() throws Exception {
        try (CuttableProxy proxy = new CuttableProxy(BROKER.port());
                Connection server = connection()) {
            Connection owner = started(proxy.factory("jms.reconnectAttempts=0"));
            TemporaryQueue queue = owner.createSession().createTemporaryQueue();
            Session session = server.createSession();
            send(session, queue, "there");
            proxy.cut();
            assertTrue(failsWithin(() -> send(session, queue, "gone?"), WAIT));
        }
    }

    private interface Sending {
        void send() throws JMSException;
    }

    private static boolean failsWithin(Sending sending, long millis) throws JMSException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (System.nanoTime() < end) {
            try {
                sending.send();
            } catch (InvalidDestinationException e) {
                return true;
            }
        }
        return false;
    }

    @Test
    void rule17ARestartOfTheBrokerKeepsItsNameForAConnectionThatComesBack() throws Exception {
        try (Connection owner = connection();
                Connection server = connection()) {
            Session mine = owner.createSession();
            TemporaryQueue queue = mine.createTemporaryQueue();
            MessageConsumer consumer = mine.createConsumer(queue);
            Session session = server.createSession();
            send(session, queue, "before");
            assertEquals("before", text(consumer.receive(WAIT)));
            BROKER.restart();
            CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return text(consumer.receive(WAIT));
                } catch (JMSException e) {
                    return e.toString();
                }
            });
            long end = System.nanoTime() + WAIT * 1_000_000L;
            while (!received.isDone() && System.nanoTime() < end) {
                try {
                    send(session, queue, "after");
                    break;
                } catch (InvalidDestinationException e) {
                    assertTrue(System.nanoTime() < end); // Its owner is not back yet.
                }
            }
            assertEquals("after", received.get());
        }
    }

    @Test
    void rule2And3AcknowledgingAndTransactionsWorkAsOnOtherQueues() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            Queue kept = session.createQueue(name);
            TemporaryQueue queue = session.createTemporaryQueue();
            MessageConsumer consumer = session.createConsumer(queue);
            MessageProducer producer = session.createProducer(queue);
            for (int i = 0; i < 3; i++) {
                producer.send(session.createTextMessage("m" + i));
            }
            assertNull(consumer.receiveNoWait());
            session.commit();
            assertEquals("m0", text(consumer.receive(WAIT)));
            assertEquals("m1", text(consumer.receive(WAIT)));
            session.rollback();
            Message again = consumer.receive(WAIT);
            assertEquals("m0", text(again));
            assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
            send(session, kept, "moved");
            session.commit();
            assertEquals("m1", text(consumer.receive(WAIT)));
            assertEquals("m2", text(consumer.receive(WAIT)));
            session.commit();
            assertNull(consumer.receiveNoWait());
            assertEquals("moved", text(session.createConsumer(kept).receive(WAIT)));
            session.commit();
        }
    }

    @Test
    void kafkaClientsDoNotSeeThem() throws Exception {
        try (Connection connection = connection();
                Admin admin = Admin.create(Map.of("bootstrap.servers", BROKER.address()))) {
            Session session = connection.createSession();
            TemporaryQueue queue = session.createTemporaryQueue();
            session.createConsumer(queue);
            send(session, queue, "m");
            assertFalse(admin.listTopics(new ListTopicsOptions().listInternal(true))
                    .names()
                    .get()
                    .contains(queue.getQueueName()));
            assertThrows(JMSException.class, () -> session.createQueue(queue.getQueueName()));
        }
    }

    @Test
    void rule17JmsReplyToOfAStoredMessageNamesItStill() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            TemporaryTopic topic = session.createTemporaryTopic();
            Queue queue = session.createQueue(name);
            TextMessage message = session.createTextMessage("m");
            message.setJMSReplyTo(topic);
            session.createProducer(queue).send(message);
            Message received = session.createConsumer(queue).receive(WAIT);
            assertEquals(topic, received.getJMSReplyTo());
            assertInstanceOf(TemporaryTopic.class, received.getJMSReplyTo());
        }
    }

    @Test
    void rule28RequestorsWorkOverQueuesAndTopics() throws Exception {
        try (QueueConnection connection = BROKER.factory().createQueueConnection()) {
            connection.start();
            QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
            Queue queue = session.createQueue(name);
            try (Connection server = answering(queue)) {
                QueueRequestor requestor = new QueueRequestor(session, queue);
                assertEquals("re: a", text(requestor.request(session.createTextMessage("a"))));
                assertEquals("re: b", text(requestor.request(session.createTextMessage("b"))));
                requestor.close();
            }
            assertThrows(IllegalStateException.class, session::createTemporaryTopic);
        }
        try (TopicConnection connection = BROKER.factory().createTopicConnection()) {
            connection.start();
            TopicSession session = connection.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
            Topic topic = session.createTopic(name + "-topic");
            try (Connection server = answering(topic)) {
                TopicRequestor requestor = new TopicRequestor(session, topic);
                assertEquals("re: c", text(requestor.request(session.createTextMessage("c"))));
                requestor.close();
            }
            assertThrows(IllegalStateException.class, session::createTemporaryQueue);
        }
    }

    @Test
    void rule16ATemporaryTopicHasNoDurableSubscriptions() throws Exception {
        try (Connection connection = connection("jms.clientID=" + name)) {
            Session session = connection.createSession();
            TemporaryTopic topic = session.createTemporaryTopic();
            assertThrows(InvalidDestinationException.class, () -> session.createDurableConsumer(topic, "sub"));
            assertThrows(InvalidDestinationException.class, () -> session.createSharedDurableConsumer(topic, "sub"));
            MessageConsumer shared = session.createSharedConsumer(topic, "sub");
            send(session, topic, "m");
            assertEquals("m", text(shared.receive(WAIT)));
        }
    }

    @Test
    void manyRepliesToManyTemporaryQueuesKeepNothingBehind() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            Queue requests = session.createQueue(name);
            try (Connection server = answering(requests)) {
                for (int i = 0; i < 300; i++) {
                    TemporaryQueue replies = session.createTemporaryQueue();
                    try (MessageConsumer consumer = session.createConsumer(replies)) {
                        TextMessage request = session.createTextMessage("m" + i);
                        request.setJMSReplyTo(replies);
                        session.createProducer(requests).send(request);
                        assertEquals("re: m" + i, text(consumer.receive(WAIT)));
                    }
                    replies.delete();
                }
            }
        }
    }
}
