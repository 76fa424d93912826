package io.penstock.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backlog of messages of 1 KiB in one queue: memory stays small, and a message costs what it costs without one. */
@Timeout(900)
class BacklogIT {
    private static final int MESSAGES = Integer.getInteger("penstock.soak.messages", 20_000);
    private static final int CHUNK = MESSAGES / 10;
    /** Below this many messages in a chunk the JVM's warming up is all that would be compared. */
    private static final int COMPARABLE = 50_000;

    private static final int SIZE_BYTES = 1024;
    private static final int WINDOW = 500;
    private static final int ANONYMOUS_MEGABYTES = 512;
    private static final double GROWTH_MAX = 1.5;
    private static final String QUEUE = "backlog";
    private static final String NUMBER = "number";

    @TempDir
    Path directory;

    @Test
    void costsNoMemoryAndNoTime() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.start();
            try (Connection connection = connect(broker)) {
                sendAll(connection, broker);
            }
            broker.kill();
            broker.start();
            try (Connection connection = connect(broker)) {
                System.out.printf("ready %.1f s after SIGKILL with %d waiting%n", broker.secondsSinceStart(), MESSAGES);
                drainAll(connection, broker);
                // Once more in a process that is warm, or its compiler's work is all that would be compared.
                double[] sent = sendAll(connection, broker);
                double[] drained = drainAll(connection, broker);
                send(connection, broker, 0, CHUNK);
                double empty = drain(connection, broker, new BitSet(), "behind nothing");
                if (CHUNK >= COMPARABLE) {
                    double lowest = Math.min(empty, drained[1]);
                    assertTrue(
                            drained[0] < lowest * GROWTH_MAX,
                            () -> drained[0] + " us with a backlog, " + lowest + " us without");
                    assertTrue(
                            sent[1] < sent[0] * GROWTH_MAX,
                            () -> sent[1] + " us to send behind a backlog, " + sent[0] + " us at first");
                }
            }
        }
    }

    private static Connection connect(BrokerProcess broker) throws Exception {
        Connection connection = new PenstockConnectionFactory(broker.url()).createConnection();
        connection.start();
        return connection;
    }

    /** What the first and the last chunk cost. */
    private static double[] sendAll(Connection connection, BrokerProcess broker) throws Exception {
        double first = send(connection, broker, 0, CHUNK);
        double last = first;
        for (int from = CHUNK; from < MESSAGES; from += CHUNK) {
            last = send(connection, broker, from, CHUNK);
        }
        return new double[] {first, last};
    }

    private static double[] drainAll(Connection connection, BrokerProcess broker) throws Exception {
        BitSet seen = new BitSet();
        double first = drain(connection, broker, seen, "of the full backlog");
        double last = first;
        for (int done = CHUNK; done < MESSAGES; done += CHUNK) {
            last = drain(connection, broker, seen, "after " + done);
        }
        assertEquals(MESSAGES, seen.cardinality());
        try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            assertNull(session.createConsumer(session.createQueue(QUEUE)).receiveNoWait());
        }
        return new double[] {first, last};
    }

    /** Returns the microseconds of the broker's processor time for a message. */
    private static double send(Connection connection, BrokerProcess broker, int first, int count)
            throws Exception {
        long begun = System.nanoTime();
        long cpuBegun = broker.cpuNanos();
        AtomicReference<Exception> failure = new AtomicReference<>();
        Semaphore window = new Semaphore(WINDOW);
        CompletionListener confirmed = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                window.release();
            }

            @Override
            public void onException(Message message, Exception exception) {
                failure.set(exception);
                window.release();
            }
        };
        byte[] body = new byte[SIZE_BYTES];
        try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = session.createProducer(session.createQueue(QUEUE))) {
            for (int i = 0; i < count; i++) {
                assertTrue(window.tryAcquire(30, TimeUnit.SECONDS), "a send is not confirmed");
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(body);
                message.setIntProperty(NUMBER, first + i);
                producer.send(message, confirmed);
            }
            assertTrue(window.tryAcquire(WINDOW, 30, TimeUnit.SECONDS), "a send is not confirmed");
        }
        if (failure.get() != null) {
            throw failure.get();
        }
        return told(broker, count, begun, cpuBegun, "sent behind " + first);
    }

    private static double drain(Connection connection, BrokerProcess broker, BitSet seen, String what)
            throws Exception {
        long begun = System.nanoTime();
        long cpuBegun = broker.cpuNanos();
        try (Session session = connection.createSession(Session.DUPS_OK_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(session.createQueue(QUEUE))) {
            for (int i = 0; i < CHUNK; i++) {
                Message message = consumer.receive(30_000);
                assertNotNull(message, i + " messages " + what);
                int number = message.getIntProperty(NUMBER);
                assertTrue(!seen.get(number), () -> number + " came twice");
                seen.set(number);
            }
        }
        return told(broker, CHUNK, begun, cpuBegun, "received " + what);
    }

    private static double told(BrokerProcess broker, int count, long begun, long cpuBegun, String what)
            throws Exception {
        double micros = (broker.cpuNanos() - cpuBegun) / 1e3 / count;
        double rate = count * 1e9 / (System.nanoTime() - begun);
        System.out.printf(
                "%d %s: %.0f/s, %.1f us of processor time each; %s%n", count, what, rate, micros, broker.figures());
        assertTrue(broker.anonymousMegabytes() < ANONYMOUS_MEGABYTES, broker.figures());
        return micros;
    }
}
