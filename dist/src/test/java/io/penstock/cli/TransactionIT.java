package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import io.penstock.jms.PenstockXAConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.XAJMSContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code penstock transaction}: an operator and a transaction manager that comes too late (rule 30). */
@Timeout(60)
class TransactionIT {
    @TempDir
    private Path directory;

    private Broker broker;
    private String address;
    private XAJMSContext context;

    /** As a transaction manager's. */
    private record TestXid(byte number) implements Xid {
        @Override
        public int getFormatId() {
            return 11;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return new byte[] {(byte) 0xab, number};
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {1};
        }

        String text() {
            return "11:ab0" + number + ":01";
        }
    }

    @BeforeEach
    void start() throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.toString());
        broker = Broker.start(BrokerConfig.parse(properties));
        address = "127.0.0.1:" + broker.port();
        context = new PenstockXAConnectionFactory("penstock://" + address).createXAContext();
    }

    @AfterEach
    void stop() throws Exception {
        context.close();
        broker.close();
    }

    /** What a command prints, its status first. */
    private String run(String... args) {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            String[] all = java.util.stream.Stream.concat(
                            java.util.stream.Stream.of("transaction", args[0], "--broker", address),
                            java.util.Arrays.stream(args).skip(1))
                    .toArray(String[]::new);
            int status = Penstock.commandLine().execute(all);
            return status + " " + printed.toString(StandardCharsets.UTF_8);
        } finally {
            System.setOut(before);
        }
    }

    private void prepare(TestXid xid, String body) throws XAException {
        XAResource resource = context.getXAResource();
        resource.start(xid, XAResource.TMNOFLAGS);
        context.createProducer().send(context.createQueue("out"), body);
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(xid));
    }

    @Test
    void rule30AnOperatorEndsWhatIsPreparedAndItsManagerIsTold() throws Exception {
        TestXid committed = new TestXid((byte) 1);
        TestXid rolledBack = new TestXid((byte) 2);
        prepare(committed, "one");
        prepare(rolledBack, "two");
        String list = run("list");
        assertTrue(list.startsWith("0 PREPARED"), list);
        assertTrue(list.contains(committed.text()) && list.contains(rolledBack.text()), list);

        assertEquals("0 " + committed.text() + "  committed" + System.lineSeparator(), run("commit", committed.text()));
        assertEquals(
                "0 " + rolledBack.text() + "  rolled back" + System.lineSeparator(),
                run("rollback", rolledBack.text()));
        assertTrue(run("rollback", committed.text()).startsWith("1 " + committed.text() + "  refused"));
        assertTrue(run("list").contains("committed-by-hand"));

        XAResource manager = context.getXAResource();
        assertEquals(
                XAException.XA_HEURCOM,
                assertThrows(XAException.class, () -> manager.commit(committed, false)).errorCode);
        assertEquals(
                XAException.XA_HEURRB,
                assertThrows(XAException.class, () -> manager.commit(rolledBack, false)).errorCode);
        assertEquals(2, manager.recover(XAResource.TMSTARTRSCAN).length);
        manager.forget(committed);
        assertEquals(
                "0 " + rolledBack.text() + "  forgotten" + System.lineSeparator(), run("forget", rolledBack.text()));
        assertEquals(0, manager.recover(XAResource.TMSTARTRSCAN).length);
        try (JMSContext other = new PenstockXAConnectionFactory("penstock://" + address).createContext()) {
            JMSConsumer consumer = other.createConsumer(other.createQueue("out"));
            assertEquals("one", consumer.receiveBody(String.class, 10_000));
            assertNull(consumer.receiveNoWait());
        }
    }

    @Test
    void whatIsNoTransactionIsRefused() {
        assertTrue(run("commit", "nonsense").startsWith("2 "));
        assertTrue(run("commit", "11:ab:01").startsWith("1 11:ab:01  unknown"));
    }
}
