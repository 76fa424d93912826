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
    private static final String NUMBER = "number";

    @TempDir
    Path directory;

    @Test
    void costsNoMemoryAndNoTime() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.start();
            PenstockConnectionFactory factory = new PenstockConnectionFactory(broker.url());
            try (Connection connection = factory.createConnection()) {
                connection.start();
                // Warm, and what a message costs when nothing waits.
                double empty = 0;
                for (int round = 0; round < 3; round++) {
                    send(connection, broker, "small", 0, CHUNK);
                    empty = drain(connection, broker, "small", CHUNK, new BitSet(), "behind nothing");
                }
                double sentFirst = send(connection, broker, "backlog", 0, CHUNK);
                double sentLast = sentFirst;
                for (int first = CHUNK; first < MESSAGES; first += CHUNK) {
                    sentLast = send(connection, broker, "backlog", first, CHUNK);
                }
                BitSet seen = new BitSet();
                double first = drain(connection, broker, "backlog", CHUNK, seen, "of the full backlog");
                double last = first;
                for (int done = CHUNK; done < MESSAGES; done += CHUNK) {
                    last = drain(connection, broker, "backlog", CHUNK, seen, "after " + done);
                }
                assertEquals(MESSAGES, seen.cardinality());
                try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE)) {
                    assertNull(session.createConsumer(session.createQueue("backlog")).receiveNoWait());
                }
                if (CHUNK >= COMPARABLE) {
                    assertTrue(first < empty * GROWTH_MAX, first + " us behind a backlog, " + empty + " without");
                    assertTrue(first < last * GROWTH_MAX, first + " us for the first, " + last + " for the last");
                    assertTrue(sentLast < sentFirst * GROWTH_MAX, sentLast + " us to send, " + sentFirst + " at first");
                }
            }
        }
    }

    /** Returns the microseconds of the broker's processor time for a message. */
    private static double send(Connection connection, BrokerProcess broker, String queue, int first, int count)
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
                MessageProducer producer = session.createProducer(session.createQueue(queue))) {
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
        return told(broker, count, begun, cpuBegun, "sent to " + queue + " from " + first);
    }

    private static double drain(
            Connection connection, BrokerProcess broker, String queue, int count, BitSet seen, String what)
            throws Exception {
        long begun = System.nanoTime();
        long cpuBegun = broker.cpuNanos();
        try (Session session = connection.createSession(Session.DUPS_OK_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            for (int i = 0; i < count; i++) {
                Message message = consumer.receive(30_000);
                assertNotNull(message, i + " messages " + what);
                int number = message.getIntProperty(NUMBER);
                assertTrue(!seen.get(number), () -> number + " came twice");
                seen.set(number);
            }
        }
        return told(broker, count, begun, cpuBegun, "received " + what);
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
