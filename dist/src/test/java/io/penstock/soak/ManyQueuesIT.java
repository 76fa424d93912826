package io.penstock.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.process.BrokerProcess;
import jakarta.jms.Connection;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many queues on one broker, a message in each: made, and served again after a stop and after SIGKILL. */
@Timeout(600)
class ManyQueuesIT {
    private static final int QUEUES = Integer.getInteger("penstock.soak.queues", 200);
    private static final int THREADS = 16;
    private static final int MADE_SECONDS = 60;
    private static final int SERVED_SECONDS = 10;
    private static final int ANONYMOUS_MEGABYTES = 1024;
    private static final int OPEN_FILES = 2000;

    @TempDir
    Path directory;

    @Test
    void areMadeQuicklyAndServedSoonAfterARestart() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.start();
            long begun = System.nanoTime();
            eachQueue(broker, ManyQueuesIT::send);
            double made = (System.nanoTime() - begun) / 1e9;
            System.out.printf("%d queues made in %.1f s: %s%n", QUEUES, made, broker.figures());
            withinLimits(broker);
            assertTrue(made < MADE_SECONDS, () -> made + " s to make " + QUEUES + " queues");

            broker.stop();
            broker.start();
            served(broker, "a stop");
            eachQueue(broker, ManyQueuesIT::send);
            broker.kill();
            broker.start();
            served(broker, "SIGKILL");
        }
    }

    private static void served(BrokerProcess broker, String after) throws Exception {
        double ready = broker.secondsSinceStart();
        eachQueue(broker, ManyQueuesIT::receive);
        double served = broker.secondsSinceStart();
        System.out.printf(
                "%d queues served %.1f s after %s, of which %.1f until it was ready: %s%n",
                QUEUES, served, after, ready, broker.figures());
        withinLimits(broker);
        assertTrue(served < SERVED_SECONDS, () -> served + " s to serve " + QUEUES + " queues after " + after);
    }

    private static void withinLimits(BrokerProcess broker) throws Exception {
        assertTrue(broker.anonymousMegabytes() < ANONYMOUS_MEGABYTES, broker.figures());
        assertTrue(broker.openFiles() < OPEN_FILES, broker.figures());
    }

    /** What is done with a queue. */
    interface Step {
        void run(Session session, String queue) throws Exception;
    }

    private static void send(Session session, String queue) throws Exception {
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            producer.send(session.createTextMessage(queue));
        }
    }

    private static void receive(Session session, String queue) throws Exception {
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            TextMessage message = (TextMessage) consumer.receive(60_000);
            assertNotNull(message, queue);
            assertEquals(queue, message.getText());
        }
    }

    private static void eachQueue(BrokerProcess broker, Step step) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (Connection connection = new PenstockConnectionFactory(broker.url()).createConnection()) {
            connection.start();
            AtomicInteger next = new AtomicInteger();
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                running.add(threads.submit(() -> {
                    try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
                        for (int queue = next.getAndIncrement(); queue < QUEUES; queue = next.getAndIncrement()) {
                            step.run(session, "many-" + queue);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
