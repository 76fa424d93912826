package io.penstock.faults;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A topic with a durable subscription, whose one reader sees order, and a shared durable one with two readers. */
final class JmsTopicLoad implements Load {
    private static final long PAUSE_MILLIS = 15;
    private static final long SUBSCRIBE_SECONDS = 60;
    private static final String DURABLE = "durable";
    private static final String SHARED = "shared";

    private final Course course;
    private final String topic;
    private final JmsClients clients;
    private final CountDownLatch subscribed = new CountDownLatch(3);
    private final List<ClientThread> readers = new ArrayList<>();
    private ClientThread sender;

    JmsTopicLoad(Course course, String topic) {
        this.course = course;
        this.topic = topic;
        this.clients = new JmsClients(course);
    }

    @Override
    public void start() throws Exception {
        course.cluster().create(topic, JmsClients.PARTITIONS, "topic");
        Pulse durable = course.pulse(topic + " durable receives");
        Pulse shared = course.pulse(topic + " shared receives");
        readers.add(clients.reader(topic + "-durable", topic + "-client", connection -> {
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            read(session, session.createDurableConsumer(session.createTopic(topic), DURABLE), DURABLE, 0, durable);
        }));
        for (int i = 1; i <= 2; i++) {
            int reader = i;
            readers.add(clients.reader(topic + "-shared-" + i, null, connection -> {
                Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
                MessageConsumer consumer = session.createSharedDurableConsumer(session.createTopic(topic), SHARED);
                read(session, consumer, SHARED, reader, shared);
            }));
        }
        if (!subscribed.await(SUBSCRIBE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("subscriptions of " + topic + " were not made");
        }
        Pulse sends = course.pulse(topic + " sends");
        sender = clients.sender(
                topic + "-sender",
                (Connection connection) -> clients.send(connection, topic, true, 1, sends, PAUSE_MILLIS));
    }

    private void read(Session session, MessageConsumer consumer, String subscription, int reader, Pulse pulse)
            throws JMSException {
        subscribed.countDown();
        clients.read(session, consumer, topic, subscription, reader, pulse);
    }

    @Override
    public List<Promise> promises() {
        return List.of(Promise.flaggedInOrder(topic, DURABLE), Promise.flagged(topic, SHARED));
    }

    @Override
    public void joinSenders() throws InterruptedException {
        sender.join();
    }

    @Override
    public void finish() throws InterruptedException {
        for (ClientThread each : readers) {
            each.join();
        }
    }
}
