package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Shared subscriptions from end to end; the numbers are those of the rules. */
@Timeout(60)
class JmsSharedSubscriptionIT {
    private static final int WAIT = 10_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private String name;

    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    private Connection connection(String... options) throws JMSException {
        Connection connection = BROKER.factory(options).createConnection();
        connection.start();
        return connection;
    }

    private void publish(String topic, String... bodies) {
        try (JMSContext context = BROKER.factory().createContext()) {
            for (String body : bodies) {
                context.createProducer()
                        .setProperty("colour", body.startsWith("r") ? "red" : "blue")
                        .send(context.createTopic(topic), body);
            }
        }
    }

    private static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    @Test
    void rule11ASharedNonDurableSubscriptionGivesEachMessageToOneOfItsConsumersOnSeveralConnections() throws Exception {
        try (Connection one = connection("jms.prefetch=1");
                Connection other = connection("jms.prefetch=1")) {
            Session a = one.createSession();
            Session b = other.createSession();
            Topic topic = a.createTopic(name);
            MessageConsumer first = a.createSharedConsumer(topic, "sub");
            MessageConsumer second = b.createSharedConsumer(topic, "sub");
            MessageConsumer alone = b.createConsumer(topic);
            Set<String> sent = new TreeSet<>();
            for (int i = 0; i < 20; i++) {
                publish(name, "m" + i);
                sent.add("m" + i);
            }
            Set<String> got = new TreeSet<>();
            int ofFirst = 0;
            int ofSecond = 0;
            while (got.size() < 20) {
                String x = text(first.receive(50));
                String y = text(second.receive(50));
                if (x != null) {
                    assertTrue(got.add(x), x);
                    ofFirst++;
                }
                if (y != null) {
                    assertTrue(got.add(y), y);
                    ofSecond++;
                }
            }
            assertEquals(sent, got);
            assertTrue(ofFirst > 0 && ofSecond > 0, ofFirst + " and " + ofSecond);
            for (int i = 0; i < 20; i++) {
                assertEquals("m" + i, text(alone.receive(WAIT)));
            }
        }
    }

    @Test
    void rule11ItDiesWithItsLastConsumerBacklogIncluded() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name);
            MessageConsumer first = session.createSharedConsumer(topic, "sub");
            MessageConsumer second = session.createSharedConsumer(topic, "sub");
            first.close();
            publish(name, "kept");
            assertEquals("kept", text(second.receive(WAIT)));
            publish(name, "lost");
            second.close();
            MessageConsumer third = session.createSharedConsumer(topic, "sub");
            assertNull(third.receiveNoWait());
            publish(name, "new");
            assertEquals("new", text(third.receive(WAIT)));
        }
    }

    @Test
    void rule11ACrashedConsumersMessagesGoToTheOthersAndItsEndEndsTheSubscription() throws Exception {
        Connection crashing = connection("jms.prefetch=1");
        Session held = crashing.createSession(Session.CLIENT_ACKNOWLEDGE);
        Topic topic = held.createTopic(name);
        MessageConsumer first = held.createSharedConsumer(topic, "sub");
        try (Connection connection = connection()) {
            publish(name, "m0");
            assertEquals("m0", text(first.receive(WAIT)));
            MessageConsumer second = connection.createSession().createSharedConsumer(topic, "sub");
            crashing.close(); // Not acknowledged: goes back.
            Message again = second.receive(WAIT);
            assertEquals("m0", text(again));
            assertTrue(again.getJMSRedelivered());
            assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
        }
    }

    @Test
    void rule9AnotherTopicOrSelectorIsRefusedWhileThereIsAConsumerAndMakesItAnewWithout() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name);
            Topic second = session.createTopic(name + "2");
            for (boolean durable : new boolean[] {false, true}) {
                MessageConsumer consumer = shared(session, durable, topic, "colour = 'red'");
                shared(session, durable, topic, "colour = 'red'").close();
                assertThrows(JMSException.class, () -> shared(session, durable, topic, "colour = 'blue'"));
                assertThrows(JMSException.class, () -> shared(session, durable, topic, null));
                assertThrows(JMSException.class, () -> shared(session, durable, second, "colour = 'red'"));
                publish(name, "b0", "r0");
                assertEquals("r0", text(consumer.receive(WAIT)));
                publish(name, "r1");
                consumer.close();
                MessageConsumer anew = shared(session, durable, topic, "colour = 'blue'");
                assertNull(anew.receiveNoWait());
                publish(name, "r2", "b1");
                assertEquals("b1", text(anew.receive(WAIT)));
                anew.close();
                MessageConsumer elsewhere = shared(session, durable, second, null);
                publish(name, "b2");
                publish(name + "2", "b3");
                assertEquals("b3", text(elsewhere.receive(WAIT)));
                elsewhere.close();
            }
            session.unsubscribe("sub");
        }
    }

    private static MessageConsumer shared(Session session, boolean durable, Topic topic, String selector)
            throws JMSException {
        return durable
                ? session.createSharedDurableConsumer(topic, "sub", selector)
                : session.createSharedConsumer(topic, "sub", selector);
    }

    @Test
    void rule8And10IdentityIsNameAndClientIdAndDurableAndNotAreTwo() throws Exception {
        try (Connection with = connection("jms.clientID=ten");
                Connection without = connection()) {
            Session a = with.createSession();
            Session b = without.createSession();
            Topic topic = a.createTopic(name);
            MessageConsumer[] all = {
                a.createSharedConsumer(topic, "sub"),
                b.createSharedConsumer(topic, "sub"),
                a.createSharedDurableConsumer(topic, "sub"),
                b.createSharedDurableConsumer(topic, "sub")
            };
            publish(name, "m0");
            for (MessageConsumer consumer : all) {
                assertEquals("m0", text(consumer.receive(WAIT)));
            }
            for (MessageConsumer consumer : all) {
                assertNull(consumer.receiveNoWait());
                consumer.close();
            }
            a.unsubscribe("sub");
            b.unsubscribe("sub");
            assertThrows(InvalidDestinationException.class, () -> b.unsubscribe("sub"));
        }
    }

    @Test
    void rule10UnsharedAndSharedDurableMayNotShareAnIdentity() throws Exception {
        try (Connection connection = connection("jms.clientID=rule10")) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name);
            session.createDurableConsumer(topic, "unshared").close();
            session.createSharedDurableConsumer(topic, "shared").close();
            assertThrows(JMSException.class, () -> session.createSharedDurableConsumer(topic, "unshared"));
            assertThrows(JMSException.class, () -> session.createDurableConsumer(topic, "shared"));
            session.createSharedConsumer(topic, "unshared").close();
            session.unsubscribe("unshared");
            session.createSharedDurableConsumer(topic, "unshared").close();
        }
    }

    @Test
    void rule15ASharedDurableSubscriptionOutlivesItsConsumersAndTheBroker() throws Exception {
        try (JMSContext context = BROKER.factory().createContext()) {
            Topic topic = context.createTopic(name);
            JMSConsumer one = context.createSharedDurableConsumer(topic, "outlives");
            JMSConsumer two = context.createSharedDurableConsumer(topic, "outlives");
            one.close();
            assertThrows(jakarta.jms.JMSRuntimeException.class, () -> context.unsubscribe("outlives"));
            two.close();
        }
        publish(name, "m0");
        BROKER.restart();
        publish(name, "m1");
        try (JMSContext context = BROKER.factory().createContext()) {
            JMSConsumer one = context.createSharedDurableConsumer(context.createTopic(name), "outlives");
            assertEquals("m0", one.receiveBody(String.class, WAIT));
            assertEquals("m1", one.receiveBody(String.class, WAIT));
            one.close();
            context.unsubscribe("outlives");
        }
    }

    @Test
    void rule15UnsubscribeFailsWhileAMessageIsInATransaction() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            Topic topic = session.createTopic(name);
            MessageConsumer consumer = session.createSharedDurableConsumer(topic, "held");
            publish(name, "m0");
            assertNotNull(consumer.receive(WAIT));
            consumer.close();
            assertThrows(JMSException.class, () -> session.unsubscribe("held"));
            session.commit();
            session.unsubscribe("held");
        }
    }

    @Test
    void rule12NamesAndRule28Domains() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name);
            String longest = "aZ09_.-".repeat(19).substring(0, 128);
            session.createSharedConsumer(topic, longest).close();
            assertThrows(JMSException.class, () -> session.createSharedConsumer(topic, ""));
            assertThrows(JMSException.class, () -> session.createSharedDurableConsumer(topic, null));
            assertThrows(InvalidDestinationException.class, () -> session.createSharedConsumer(null, "sub"));
        }
        try (jakarta.jms.QueueConnection connection = BROKER.factory().createQueueConnection()) {
            Session session = connection.createSession();
            Topic topic = new io.penstock.jms.PenstockTopic(name);
            assertThrows(IllegalStateException.class, () -> session.createSharedConsumer(topic, "sub"));
            assertThrows(IllegalStateException.class, () -> session.createSharedDurableConsumer(topic, "sub"));
        }
    }

    @Test
    void rule22UnacknowledgedOfAClosedConsumerOfASubscriptionThatIsOverIsNoError() throws Exception {
        try (Connection connection = connection()) {
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            Topic topic = session.createTopic(name);
            MessageConsumer first = session.createSharedConsumer(topic, "sub");
            publish(name, "m0");
            Message message = first.receive(WAIT);
            MessageConsumer second = session.createSharedConsumer(topic, "sub");
            first.close();
            second.close();
            message.acknowledge();
        }
    }
}
