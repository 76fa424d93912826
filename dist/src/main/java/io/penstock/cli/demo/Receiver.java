package io.penstock.cli.demo;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Receives from a queue or a subscription with client acknowledgement, a few messages at a time: what it has
 * acknowledged must never come back.
 */
final class Receiver extends Worker {
    private static final int ACKNOWLEDGE_EVERY = 50;
    private static final int ATTACH_LIMIT_SECONDS = 30;

    /** What is received from. */
    enum Source {
        QUEUE,
        DURABLE_SUBSCRIPTION,
        PLAIN_SUBSCRIPTION
    }

    private final String destination;
    private final Source source;
    private final Map<String, Track> tracks;
    private final Flow flow;
    private final CountDownLatch attached = new CountDownLatch(1);

    /** @param tracks by producer's name; empty for a receiver that may miss messages and is not checked */
    Receiver(
            ConnectionFactory factory,
            String clientId,
            String destination,
            Source source,
            Map<String, Track> tracks,
            Flow flow) {
        super(factory, clientId);
        this.destination = destination;
        this.source = source;
        this.tracks = tracks;
        this.flow = flow;
    }

    /** Waits until it receives for the first time, so that a subscription misses nothing. */
    void awaitAttached() throws InterruptedException {
        if (!attached.await(ATTACH_LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(
                    "no consumer of " + destination + " within " + ATTACH_LIMIT_SECONDS + " s", last());
        }
    }

    @Override
    void work(Connection connection) throws JMSException {
        Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer =
                switch (source) {
                    case QUEUE -> session.createConsumer(session.createQueue(destination));
                    case DURABLE_SUBSCRIPTION ->
                        session.createDurableSubscriber(session.createTopic(destination), "demo");
                    case PLAIN_SUBSCRIPTION -> session.createConsumer(session.createTopic(destination));
                };
        attached.countDown();
        List<Message> unacknowledged = new ArrayList<>();
        while (!stopping()) {
            Message message = consumer.receive(100);
            if (message != null) {
                received(message);
                unacknowledged.add(message);
            }
            if (unacknowledged.size() >= ACKNOWLEDGE_EVERY || (message == null && !unacknowledged.isEmpty())) {
                acknowledge(unacknowledged);
            }
        }
        if (!unacknowledged.isEmpty()) {
            acknowledge(unacknowledged);
        }
    }

    private void received(Message message) throws JMSException {
        flow.message((System.currentTimeMillis() - message.getJMSTimestamp()) * 1_000_000L);
        Track track = track(message);
        if (track != null) {
            track.received(message.getIntProperty(Sender.SEQUENCE), message.getJMSRedelivered());
        }
    }

    private void acknowledge(List<Message> messages) throws JMSException {
        messages.get(messages.size() - 1).acknowledge();
        for (Message message : messages) {
            Track track = track(message);
            if (track != null) {
                track.settled(message.getIntProperty(Sender.SEQUENCE));
            }
        }
        messages.clear();
    }

    private Track track(Message message) throws JMSException {
        String producer = message.getStringProperty(Sender.PRODUCER);
        return producer == null ? null : tracks.get(producer);
    }
}
