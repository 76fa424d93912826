package io.penstock.cli.demo;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Sends numbered text messages to a queue or topic, one by one or with a window of sends under way. */
final class Sender extends Worker {
    /** Properties of the demo's messages. */
    static final String PRODUCER = "producer";

    static final String SEQUENCE = "sequence";

    private final String destination;
    private final boolean topic;
    private final int window;
    private final long pauseNanos;
    private final Track track;
    private final Flow flow;

    /**
     * @param window 1 sends blocking; more is the number of asynchronous sends under way
     * @param ratePerSecond upper bound, so that the demo leaves the machine some room
     */
    Sender(
            ConnectionFactory factory,
            String destination,
            boolean topic,
            int window,
            int ratePerSecond,
            Track track,
            Flow flow) {
        super(factory, null);
        this.destination = destination;
        this.topic = topic;
        this.window = window;
        this.pauseNanos = 1_000_000_000L / ratePerSecond;
        this.track = track;
        this.flow = flow;
    }

    @Override
    void work(Connection connection) throws JMSException, InterruptedException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        Destination target = topic ? session.createTopic(destination) : session.createQueue(destination);
        MessageProducer producer = session.createProducer(target);
        Semaphore permits = new Semaphore(window);
        long dueNanos = System.nanoTime();
        while (!stopping()) {
            long aheadNanos = dueNanos - System.nanoTime();
            if (aheadNanos > 1_000_000) {
                TimeUnit.NANOSECONDS.sleep(aheadNanos);
            } else if (aheadNanos < -100_000_000) {
                dueNanos = System.nanoTime();
            }
            dueNanos += pauseNanos;
            send(session, producer, permits);
        }
        permits.tryAcquire(window, 5, TimeUnit.SECONDS);
    }

    private void send(Session session, MessageProducer producer, Semaphore permits)
            throws JMSException, InterruptedException {
        int sequence = track.next();
        Message message = session.createTextMessage("{\"" + PRODUCER + "\":\"" + track.name + "\",\"" + SEQUENCE + "\":"
                + sequence + ",\"amount\":" + (sequence % 1000) + "}");
        message.setStringProperty(PRODUCER, track.name);
        message.setIntProperty(SEQUENCE, sequence);
        long begin = System.nanoTime();
        if (window == 1) {
            producer.send(message);
            track.confirmed(sequence);
            flow.message(System.nanoTime() - begin);
            return;
        }
        while (!permits.tryAcquire(100, TimeUnit.MILLISECONDS)) {
            if (stopping()) {
                return;
            }
        }
        producer.send(message, new CompletionListener() {
            @Override
            public void onCompletion(Message sent) {
                track.confirmed(sequence);
                flow.message(System.nanoTime() - begin);
                permits.release();
            }

            @Override
            public void onException(Message sent, Exception exception) {
                permits.release();
            }
        });
    }
}
