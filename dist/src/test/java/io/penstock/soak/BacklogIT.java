package io.penstock.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.process.BrokerProcess;
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
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A backlog of messages of 1 KiB in one queue: memory stays small, and a message costs what it costs without one. */
@Timeout(900)
class BacklogIT {
    private static final int MESSAGES = Integer.getInteger("penstock.soak.messages", 20_000);
    private static final int CHUNKS = 10;
    private static final int CHUNK = MESSAGES / CHUNKS;
    /** Below this many messages in a chunk the JVM's warming up is all that would be compared. */
    private static final int COMPARABLE = 50_000;

    private static final int SIZE_BYTES = 1024;
    private static final int WINDOW = 500;
    private static final int ANONYMOUS_MEGABYTES = 512;
    private static final double GROWTH_MAX = 1.3;
    private static final double NOISE_MICROS = 0.5;
    private static final int EMPTY_ROUNDS = 5;
    private static final String QUEUE = "backlog";
    private static final String NUMBER = "number";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
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
                double empty = 0;
                for (int round = 0; round < EMPTY_ROUNDS; round++) {
                    send(connection, broker, 0, CHUNK);
                    empty += drain(connection, broker, new BitSet(), "behind nothing") / EMPTY_ROUNDS;
                }
                if (CHUNK >= COMPARABLE) {
                    same("received from a full backlog and without one", drained[0], empty);
                    same("received from a full backlog and from its rest", drained[0], drained[1]);
                    same("sent behind a backlog and at first", sent[1], sent[0]);
                }
            }
        }
    }

    /** The one is not much more than the other. */
    private static void same(String what, double micros, double usualMicros) {
        System.out.printf("%s: %.2f us, %.2f us%n", what, micros, usualMicros);
        assertTrue(
                micros < usualMicros * GROWTH_MAX + NOISE_MICROS, () -> what + ": " + micros + " us, " + usualMicros);
    }

    private static Connection connect(BrokerProcess broker) throws Exception {
        Connection connection = new PenstockConnectionFactory(broker.url()).createConnection();
        connection.start();
        return connection;
    }

    /** What a message of the first and of the second half costs, in microseconds. */
    private static double[] sendAll(Connection connection, BrokerProcess broker) throws Exception {
        double[] halves = new double[2];
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            halves[chunk * 2 / CHUNKS] += send(connection, broker, chunk * CHUNK, CHUNK) * 2 / CHUNKS;
        }
        return halves;
    }

    private static double[] drainAll(Connection connection, BrokerProcess broker) throws Exception {
        BitSet seen = new BitSet();
        double[] halves = new double[2];
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            halves[chunk * 2 / CHUNKS] += drain(connection, broker, seen, "after " + chunk * CHUNK) * 2 / CHUNKS;
        }
        assertEquals(MESSAGES, seen.cardinality());
        try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
            assertNull(session.createConsumer(session.createQueue(QUEUE)).receiveNoWait());
        }
        return halves;
    }

    /** Returns the microseconds of the broker's processor time for a message. */
    private static double send(Connection connection, BrokerProcess broker, int first, int count) throws Exception {
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
                if (message == null) {
                    broker.dumpThreads();
                }
                assertNotNull(message, i + " messages " + what + "; the broker's files are in " + broker.directory());
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
