package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Topics and subscriptions from end to end; the numbers are those of the rules. */
@Timeout(60)
class JmsTopicIT {
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

    private Connection connection(String clientId) throws JMSException {
        Connection connection = clientId == null
                ? BROKER.factory().createConnection()
                : BROKER.factory("jms.clientID=" + clientId).createConnection();
        connection.start();
        return connection;
    }

    private void publish(String topic, String... bodies) throws JMSException {
        try (Connection connection = connection(null)) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createTopic(topic));
            for (String body : bodies) {
                producer.send(session.createTextMessage(body));
            }
        }
    }

    @Test
    void everySubscriberHasEveryMessageFromItsSubscriptionOn() throws Exception {
        publish(name, "before");
        try (Connection connection = connection(null)) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name);
            MessageConsumer a = session.createConsumer(topic);
            MessageConsumer b = session.createConsumer(topic);
            publish(name, "m0", "m1");
            for (MessageConsumer consumer : new MessageConsumer[] {a, b}) {
                assertEquals("m0", text(consumer.receive(WAIT)));
                assertEquals("m1", text(consumer.receive(WAIT)));
                assertNull(consumer.receiveNoWait());
            }
        }
    }

    @Test
    void rule8DurableSubscriptionsAreNamedAcrossTheProviderAndOutliveTheirConnectionAndTheBroker() throws Exception {
        try (Connection connection = connection("c8")) {
            Session session = connection.createSession();
            session.createDurableSubscriber(session.createTopic(name), "sub").close();
        }
        publish(name, "m0", "m1");
        BROKER.restart();
        try (Connection connection = connection("c8")) {
            Session session = connection.createSession();
            MessageConsumer consumer = session.createDurableConsumer(session.createTopic(name), "sub");
            assertEquals("m0", text(consumer.receive(WAIT)));
            assertEquals("m1", text(consumer.receive(WAIT)));
        }
        try (Connection other = connection("c8other")) {
            Session session = other.createSession();
            MessageConsumer consumer = session.createDurableConsumer(session.createTopic(name), "sub");
            assertNull(consumer.receiveNoWait());
        }
        try (Connection anonymous = connection(null)) {
            Session session = anonymous.createSession();
            assertThrows(
                    IllegalStateException.class, () -> session.createDurableConsumer(session.createTopic(name), "sub"));
        }
    }

    @Test
    void rule8And9AnotherTopicUnderTheSameNameDeletesAndCreatesAnew() throws Exception {
        try (Connection connection = connection("c89")) {
            Session session = connection.createSession();
            session.createDurableConsumer(session.createTopic(name), "sub").close();
            publish(name, "lost");
            MessageConsumer consumer = session.createDurableConsumer(session.createTopic(name + "2"), "sub");
            publish(name, "not mine");
            publish(name + "2", "mine");
            assertEquals("mine", text(consumer.receive(WAIT)));
            consumer.close();
            MessageConsumer back = session.createDurableConsumer(session.createTopic(name), "sub");
            assertNull(back.receiveNoWait());
        }
    }

    @Test
    void rule9SecondConsumerOnAnUnsharedDurableSubscriptionIsRefused() throws Exception {
        try (Connection connection = connection("c9")) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name);
            session.createDurableConsumer(topic, "sub");
            assertThrows(JMSException.class, () -> session.createDurableConsumer(topic, "sub"));
            assertThrows(
                    JMSException.class, () -> session.createDurableConsumer(session.createTopic(name + "2"), "sub"));
        }
    }

    @Test
    void rule11NonDurableSubscriptionDiesWithItsConsumer() throws Exception {
        try (Connection connection = connection(null)) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name);
            MessageConsumer first = session.createConsumer(topic);
            publish(name, "m0");
            first.close();
            MessageConsumer second = session.createConsumer(topic);
            assertNull(second.receiveNoWait());
            publish(name, "m1");
            assertEquals("m1", text(second.receive(WAIT)));
        }
    }

    @Test
    void rule12SubscriptionNames() throws Exception {
        try (Connection connection = connection("c12")) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name);
            String longest = "aZ09_.-".repeat(19).substring(0, 128);
            session.createDurableConsumer(topic, longest).close();
            session.unsubscribe(longest);
            assertThrows(InvalidDestinationException.class, () -> session.createDurableConsumer(topic, ""));
        }
    }

    @Test
    void rule13ClientIdInUseIsRefusedAndFreeAfterClose() throws Exception {
        Connection holder = connection("c13");
        assertThrows(InvalidClientIDException.class, () -> connection("c13"));
        try (Connection late = BROKER.factory().createConnection()) {
            assertThrows(InvalidClientIDException.class, () -> late.setClientID("c13"));
            holder.close();
            late.setClientID("c13");
            assertEquals("c13", late.getClientID());
        }
    }

    @Test
    void rule14NoLocalLeavesOutTheOwnConnection() throws Exception {
        try (Connection connection = connection("c14")) {
            Session session = connection.createSession();
            Topic topic = session.createTopic(name);
            MessageConsumer durable = session.createDurableConsumer(topic, "sub", null, true);
            MessageConsumer nonDurable = session.createConsumer(topic, null, true);
            session.createProducer(topic).send(session.createTextMessage("own"));
            publish(name, "other");
            assertEquals("other", text(durable.receive(WAIT)));
            assertEquals("other", text(nonDurable.receive(WAIT)));
        }
    }

    @Test
    void rule15UnsubscribeFailsWhileInUseOrUnacknowledged() throws Exception {
        try (Connection connection = connection("c15")) {
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            Topic topic = session.createTopic(name);
            MessageConsumer consumer = session.createDurableConsumer(topic, "sub");
            assertThrows(JMSException.class, () -> session.unsubscribe("sub"));
            publish(name, "m0");
            Message message = consumer.receive(WAIT);
            consumer.close();
            assertThrows(JMSException.class, () -> session.unsubscribe("sub"));
            message.acknowledge();
            session.unsubscribe("sub");
            assertThrows(InvalidDestinationException.class, () -> session.unsubscribe("sub"));
        }
    }

    @Test
    void oneNameIsAQueueOrATopic() throws Exception {
        try (Connection connection = connection(null)) {
            Session session = connection.createSession();
            session.createProducer(session.createTopic(name));
            assertThrows(InvalidDestinationException.class, () -> session.createProducer(session.createQueue(name)));
        }
    }
}
