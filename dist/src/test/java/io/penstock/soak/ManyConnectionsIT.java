package io.penstock.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.process.BrokerProcess;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand connections that have asked something once and then do nothing, beside a thousand JMS connections that
 * send and receive. The broker and the clients are two processes, each with about as many descriptors as connections.
 */
@Timeout(120)
class ManyConnectionsIT {
    private static final int IDLE = Integer.getInteger("penstock.connections.idle", 10_000);
    private static final int ACTIVE = Integer.getInteger("penstock.connections.active", 1_000);
    private static final int DESCRIPTORS_BESIDE = 1_000;
    private static final int ANONYMOUS_MEGABYTES = 512;
    private static final int MESSAGES = 5;
    private static final int QUEUES = 10;
    private static final int THREADS = 16;
    /** Kafka's Metadata request, version 1, for no topic; the correlation id comes at position 8. */
    private static final byte[] METADATA = {0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0};

    private static final int CORRELATION_ID_AT = 8;

    @TempDir
    Path directory;

    private final BitSet received = new BitSet();
    private final List<String> faults = new ArrayList<>();
    private long begunNanos;
    private volatile boolean ending;

    @Test
    void idleOnesStayAndActiveOnesAreServed() throws Exception {
        int needed = IDLE + ACTIVE + DESCRIPTORS_BESIDE;
        long possible = descriptorsMax();
        assumeTrue(possible >= needed, () -> "only " + possible + " descriptors, not " + needed);
        List<SocketChannel> idle = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Connection> active = new ArrayList<>();
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.start();
            begunNanos = System.nanoTime();
            InetSocketAddress address = new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), URI.create(broker.url()).getPort());
            for (int i = 0; i < IDLE; i++) {
                SocketChannel client = SocketChannel.open(address);
                idle.add(client);
                ask(client, i);
                answered(client, i);
            }
            tell(IDLE + " idle connections", broker);
            active.addAll(all(threads, ACTIVE, i -> connect(broker, i)));
            tell(ACTIVE + " JMS connections more", broker);
            assertTrue(broker.openFiles() > IDLE + ACTIVE, broker.figures());

            all(threads, ACTIVE, i -> sendAll(active.get(i), i));
            awaitReceived();
            tell(ACTIVE * MESSAGES + " messages sent and received by them", broker);

            assertTrue(broker.anonymousMegabytes() < ANONYMOUS_MEGABYTES, broker.figures());
            for (int i = 0; i < IDLE; i++) {
                ask(idle.get(i), -i);
            }
            for (int i = 0; i < IDLE; i++) {
                answered(idle.get(i), -i);
            }
            tell("all idle ones asked again", broker);
            assertTrue(broker.anonymousMegabytes() < ANONYMOUS_MEGABYTES, broker.figures());
            assertEquals(List.of(), faults);
            ending = true;
        } finally {
            // With the broker gone nothing waits for an answer.
            for (SocketChannel client : idle) {
                client.close();
            }
            for (Connection connection : active) {
                closeQuietly(connection);
            }
            threads.shutdownNow();
        }
    }

    private void tell(String what, BrokerProcess broker) throws IOException {
        System.out.printf("%s after %.1f s: %s%n", what, (System.nanoTime() - begunNanos) / 1e9, broker.figures());
    }

    private static long descriptorsMax() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
            return lines.filter(line -> line.startsWith("Max open files"))
                    .mapToLong(line -> Long.parseLong(line.split(" {2,}")[2]))
                    .findFirst()
                    .orElseThrow();
        }
    }

    // ---- idle ones

    private static void ask(SocketChannel client, int number) throws IOException {
        client.write(ByteBuffer.wrap(METADATA.clone()).putInt(CORRELATION_ID_AT, number));
    }

    private static void answered(SocketChannel client, int number) throws IOException {
        ByteBuffer length = read(client, Integer.BYTES);
        ByteBuffer answer = read(client, length.getInt());
        assertEquals(number, answer.getInt());
    }

    private static ByteBuffer read(SocketChannel client, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (client.read(buffer) < 0) {
                throw new EOFException("the broker has closed an idle connection");
            }
        }
        return buffer.flip();
    }

    // ---- active ones

    /** One of many steps that run side by side. */
    private interface Step<T> {
        T run(int index) throws Exception;
    }

    private static <T> List<T> all(ExecutorService threads, int count, Step<T> step) throws Exception {
        List<Future<T>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int index = i;
            Callable<T> task = () -> step.run(index);
            running.add(threads.submit(task));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> each : running) {
            results.add(each.get(60, TimeUnit.SECONDS));
        }
        return results;
    }

    private Connection connect(BrokerProcess broker, int index) throws JMSException {
        Connection connection = new PenstockConnectionFactory(broker.url()).createConnection();
        connection.setExceptionListener(this::lost);
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(queue(session, index)).setMessageListener(this::received);
        connection.start();
        return connection;
    }

    private static Queue queue(Session session, int index) throws JMSException {
        return session.createQueue("active-" + index % QUEUES);
    }

    private static Void sendAll(Connection connection, int index) throws JMSException {
        try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = session.createProducer(queue(session, index))) {
            for (int i = 0; i < MESSAGES; i++) {
                Message message = session.createMessage();
                message.setIntProperty("number", index * MESSAGES + i);
                producer.send(message);
            }
        }
        return null;
    }

    private synchronized void lost(JMSException reason) {
        if (!ending) {
            faults.add(reason.toString());
            notifyAll();
        }
    }

    private synchronized void received(Message message) {
        try {
            int number = message.getIntProperty("number");
            if (received.get(number)) {
                faults.add(number + " came twice");
            }
            received.set(number);
        } catch (JMSException e) {
            faults.add(e.toString());
        }
        notifyAll();
    }

    private synchronized void awaitReceived() throws InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (received.cardinality() < ACTIVE * MESSAGES && faults.isEmpty()) {
            assertTrue(System.nanoTime() < limit, () -> "only " + received.cardinality() + " messages came");
            wait(1_000);
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (JMSException brokerGone) {
            // As meant: the broker was ended first.
        }
    }
}
