package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients of the broker's own host find its socket file and use it, and get along without it (docs/decisions/0012). Who
 * uses it is told by the kernel's table of such sockets.
 */
@Timeout(90)
class LocalSocketIT {
    private static final Path SOCKETS = Path.of("/proc/net/unix");
    /** In the kernel's table. */
    private static final String CONNECTED = "03";

    private static final int WAIT = 20_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private String name;

    @BeforeAll
    static void onLinux() {
        assumeTrue(Files.isReadable(SOCKETS));
    }

    @BeforeEach
    void name(TestInfo test) {
        name = test.getTestMethod().orElseThrow().getName();
    }

    private static Path socketDirectory() {
        return BROKER.directory().resolve("local");
    }

    private static Path socketFile() throws IOException {
        try (Stream<Path> files = Files.list(socketDirectory())) {
            List<Path> all = files.toList();
            assertEquals(1, all.size(), all::toString);
            return all.get(0);
        }
    }

    /** Connections by the broker's file. A row: address, counts, protocol, flags, type, state, inode, path. */
    private static long localConnections() throws IOException {
        try (Stream<String> lines = Files.lines(SOCKETS)) {
            return lines.map(line -> line.trim().split("\\s+"))
                    .filter(row -> row.length == 8
                            && row[5].equals(CONNECTED)
                            && row[7].startsWith(BROKER.directory().toString()))
                    .count();
        }
    }

    private static void awaitLocalConnections(long count) throws Exception {
        while (localConnections() != count) {
            Thread.sleep(5); // A closed socket leaves the table a moment later; the test's time limit ends this.
        }
    }

    private static Connection connect(ConnectionFactory factory) throws JMSException {
        Connection connection = factory.createConnection();
        connection.start();
        return connection;
    }

    /** There and back, with a body that travels in pieces, and over a temporary queue. */
    private void exchange(Connection connection) throws JMSException {
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue(name));
        MessageConsumer consumer = session.createConsumer(session.createQueue(name));
        for (int i = 0; i < 100; i++) {
            producer.send(session.createTextMessage("m" + i));
        }
        for (int i = 0; i < 100; i++) {
            assertEquals("m" + i, ((TextMessage) consumer.receive(WAIT)).getText());
        }
        byte[] large = new byte[3_000_000];
        new Random(7).nextBytes(large);
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(large);
        producer.send(message);
        assertArrayEquals(large, consumer.receive(WAIT).getBody(byte[].class));
        TemporaryQueue temporary = session.createTemporaryQueue();
        session.createProducer(temporary).send(session.createTextMessage("answer"));
        MessageConsumer answers = session.createConsumer(temporary);
        assertEquals("answer", ((TextMessage) answers.receive(WAIT)).getText());
        assertNull(consumer.receiveNoWait());
        session.close();
    }

    @Test
    void aClientOfThisHostUsesItAndAllWorks() throws Exception {
        awaitLocalConnections(0);
        try (Connection first = connect(BROKER.factory());
                Connection second = connect(BROKER.factory())) {
            assertEquals(2, localConnections());
            exchange(first);
            exchange(second);
        }
        awaitLocalConnections(0);
    }

    @Test
    void localhostFindsItToo() throws Exception {
        awaitLocalConnections(0);
        try (Connection connection = connect(new PenstockConnectionFactory("penstock://localhost:" + BROKER.port()))) {
            assertEquals(1, localConnections());
            exchange(connection);
        }
    }

    @Test
    void theOptionSwitchesItOff() throws Exception {
        awaitLocalConnections(0);
        try (Connection connection = connect(BROKER.factory("jms.localSocket=false"))) {
            assertEquals(0, localConnections());
            exchange(connection);
        }
    }

    @Test
    void nobodyElseMayEnterItsDirectory() throws Exception {
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socketDirectory())));
    }

    @Test
    void whoConnectsThroughAProxyStaysWithIt() throws Exception {
        awaitLocalConnections(0);
        try (CuttableProxy proxy = new CuttableProxy(BROKER.port());
                Connection connection = connect(proxy.factory())) {
            assertEquals(0, localConnections());
            exchange(connection);
            proxy.cut();
            exchange(connection);
            assertEquals(0, localConnections());
        }
    }

    @Test
    void aRestartedBrokerIsFoundAtItsNewFile() throws Exception {
        awaitLocalConnections(0);
        try (Connection connection = connect(BROKER.factory())) {
            exchange(connection);
            Path before = socketFile();
            BROKER.restart();
            assertTrue(!socketFile().equals(before));
            exchange(connection);
            assertEquals(1, localConnections());
        }
    }

    @Test
    void aBrokerThatHasNoFileAnyMoreIsFoundByTcp() throws Exception {
        awaitLocalConnections(0);
        try (Connection connection = connect(BROKER.factory())) {
            exchange(connection);
            BROKER.stop();
            try {
                assertTrue(Files.list(socketDirectory()).findAny().isEmpty());
            } finally {
                BROKER.start("local.socket=false");
            }
            exchange(connection);
            assertEquals(0, localConnections());
        } finally {
            BROKER.restart();
        }
    }

    @Test
    void whereTheFileIsDeletedOldConnectionsGoOnAndNewOnesUseTcp() throws Exception {
        awaitLocalConnections(0);
        try (Connection old = connect(BROKER.factory())) {
            Files.delete(socketFile());
            try (Connection late = connect(BROKER.factory())) {
                exchange(old);
                exchange(late);
                assertEquals(1, localConnections());
            }
        } finally {
            BROKER.restart();
        }
    }

    @Test
    void whatAKilledBrokerHasLeftIsRemoved() throws Exception {
        BROKER.stop();
        Path left = socketDirectory().resolve("left");
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(left));
        }
        assertTrue(Files.exists(left));
        BROKER.start();
        assertTrue(!socketFile().equals(left));
        try (JMSContext context = BROKER.factory().createContext()) {
            assertEquals(1, localConnections());
        }
    }
}
