package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockXAConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XASession;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Distributed transactions with a real broker (rule 30, invariants 20 to 23); XaKillIT kills it. */
@Timeout(90)
class XaIT {
    private static final int WAIT = 20_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private String name;
    private XAConnection connection;
    private XASession session;
    private XAResource resource;
    private Queue in;
    private Queue out;
    private int branches;

    /** As a transaction manager's: two of equal content are equal by content alone. */
    private record TestXid(byte[] global, byte[] branch) implements Xid {
        @Override
        public int getFormatId() {
            return 1234;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return global;
        }

        @Override
        public byte[] getBranchQualifier() {
            return branch;
        }
    }

    private Xid xid() {
        return new TestXid(name.getBytes(StandardCharsets.UTF_8), new byte[] {(byte) ++branches});
    }

    @BeforeEach
    void open(TestInfo test) throws Exception {
        String method = test.getTestMethod().orElseThrow().getName();
        name = method.substring(0, Math.min(40, method.length()));
        connection = xaFactory().createXAConnection();
        connection.start();
        session = connection.createXASession();
        resource = session.getXAResource();
        in = session.createQueue(name + ".in");
        out = session.createQueue(name + ".out");
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private static PenstockXAConnectionFactory xaFactory(String... options) {
        return new PenstockXAConnectionFactory(BROKER.factory(options).getUrl());
    }

    private void fill(String... bodies) {
        try (JMSContext context = BROKER.factory().createContext()) {
            for (String body : bodies) {
                context.createProducer().send(in, body);
            }
        }
    }

    private void send(String body) throws JMSException {
        MessageProducer producer = session.createProducer(out);
        producer.send(session.createTextMessage(body));
        producer.close();
    }

    private static String text(Message message) throws JMSException {
        assertNotNull(message);
        return ((TextMessage) message).getText();
    }

    /** What others can have of a queue now, in order. */
    private static List<String> rest(Queue queue) throws JMSException {
        List<String> rest = new ArrayList<>();
        try (JMSContext context = BROKER.factory().createContext()) {
            JMSConsumer consumer = context.createConsumer(queue);
            for (Message message = consumer.receiveNoWait(); message != null; message = consumer.receiveNoWait()) {
                rest.add(text(message));
            }
        }
        return rest;
    }

    private List<Xid> recovered() throws Exception {
        try (XAJMSContext other = xaFactory().createXAContext()) {
            return mine(other.getXAResource());
        }
    }

    private List<Xid> mine(XAResource of) throws XAException {
        List<Xid> mine = new ArrayList<>(List.of(of.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)));
        mine.removeIf(xid -> !Arrays.equals(xid.getGlobalTransactionId(), name.getBytes(StandardCharsets.UTF_8)));
        return mine;
    }

    private static void refuses(int code, org.junit.jupiter.api.function.Executable call) {
        assertEquals(code, assertThrows(XAException.class, call).errorCode);
    }

    @Test
    void rule30TwoPhasesMoveAMessageOnce() throws Exception {
        fill("one", "two");
        MessageConsumer consumer = session.createConsumer(in);
        Xid xid = xid();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("one", text(consumer.receive(WAIT)));
        send("moved");
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(xid));
        assertEquals(List.of(), rest(out));
        assertEquals(1, recovered().size());
        resource.commit(xid, false);
        assertEquals(List.of("moved"), rest(out));
        assertEquals(List.of(), recovered());

        Xid second = xid();
        resource.start(second, XAResource.TMNOFLAGS);
        assertEquals("two", text(consumer.receive(WAIT)));
        resource.end(second, XAResource.TMSUCCESS);
        resource.rollback(second);
        session.close();
        assertEquals(List.of("two"), rest(in));
    }

    @Test
    void rule30ARolledBackBranchDeliversAgainCountedAndSendsNothing() throws Exception {
        fill("one");
        MessageConsumer consumer = session.createConsumer(in);
        Xid xid = xid();
        resource.start(xid, XAResource.TMNOFLAGS);
        consumer.receive(WAIT);
        send("never");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.prepare(xid);
        resource.rollback(xid);
        Message again = consumer.receive(WAIT); // Outside of any branch now.
        assertEquals("one", text(again));
        assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
        assertTrue(again.getJMSRedelivered());
        session.close();
        assertEquals(List.of(), rest(out));
        assertEquals(List.of(), rest(in));
    }

    @Test
    void rule30OnePhaseAndReadOnly() throws Exception {
        Xid one = xid();
        resource.start(one, XAResource.TMNOFLAGS);
        send("a");
        resource.end(one, XAResource.TMSUCCESS);
        resource.commit(one, true);
        assertEquals(List.of("a"), rest(out));
        Xid empty = xid();
        resource.start(empty, XAResource.TMNOFLAGS);
        resource.end(empty, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_RDONLY, resource.prepare(empty));
        refuses(XAException.XAER_NOTA, () -> resource.commit(empty, false));
    }

    @Test
    void rule30InterleavedAndSuspendedBranchesEndEachForItself() throws Exception {
        fill("a0", "b0", "a1");
        MessageConsumer consumer = session.createConsumer(in);
        Xid a = xid();
        Xid b = xid();
        resource.start(a, XAResource.TMNOFLAGS);
        assertEquals("a0", text(consumer.receive(WAIT)));
        send("from a");
        resource.end(a, XAResource.TMSUSPEND);
        resource.start(b, XAResource.TMNOFLAGS);
        assertEquals("b0", text(consumer.receive(WAIT)));
        send("from b");
        resource.end(b, XAResource.TMSUCCESS);
        resource.start(a, XAResource.TMRESUME);
        assertEquals("a1", text(consumer.receive(WAIT)));
        send("more from a");
        resource.end(a, XAResource.TMSUCCESS);
        resource.prepare(b);
        resource.prepare(a);
        resource.commit(a, false);
        assertEquals(List.of("from a", "more from a"), rest(out));
        resource.rollback(b);
        session.close();
        assertEquals(List.of("b0"), rest(in));
        assertEquals(List.of(), rest(out));
    }

    @Test
    void rule30BranchesOfOneSessionEndInAnyOrder() throws Exception {
        List<String> expected = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            List<Xid> prepared = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Xid xid = xid();
                prepared.add(xid);
                resource.start(xid, XAResource.TMNOFLAGS);
                send("round " + round + " branch " + i);
                resource.end(xid, XAResource.TMSUCCESS);
                resource.prepare(xid);
            }
            resource.rollback(prepared.get(1));
            for (int i : new int[] {3, 0, 2}) {
                resource.commit(prepared.get(i), false);
                expected.add("round " + round + " branch " + i);
            }
        }
        assertEquals(expected, rest(out));
    }

    @Test
    void rule30PreparedMessagesHoldUpNobody() throws Exception {
        fill("one", "two", "three");
        MessageConsumer consumer = session.createConsumer(in);
        Xid xid = xid();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("one", text(consumer.receive(WAIT)));
        resource.end(xid, XAResource.TMSUCCESS);
        resource.prepare(xid);
        session.close();
        try (JMSContext context = BROKER.factory().createContext();
                QueueBrowser browser = context.createBrowser(in)) {
            List<String> seen = new ArrayList<>();
            for (Object message : Collections.list(browser.getEnumeration())) {
                seen.add(text((Message) message));
            }
            assertEquals(List.of("two", "three"), seen);
        }
        fill("four");
        assertEquals(List.of("two", "three", "four"), rest(in));
        resource.rollback(xid);
        assertEquals(List.of("one"), rest(in));
    }

    @Test
    void invariant21PreparedBranchesOutliveTheBrokersRestartAndTheirConnectionGoesOn() throws Exception {
        fill("one", "two");
        MessageConsumer consumer = session.createConsumer(in);
        Xid committed = xid();
        Xid rolledBack = xid();
        resource.start(committed, XAResource.TMNOFLAGS);
        assertEquals("one", text(consumer.receive(WAIT)));
        send("moved");
        resource.end(committed, XAResource.TMSUCCESS);
        resource.start(rolledBack, XAResource.TMNOFLAGS);
        assertEquals("two", text(consumer.receive(WAIT)));
        resource.end(rolledBack, XAResource.TMSUCCESS);
        resource.prepare(committed);
        resource.prepare(rolledBack);
        BROKER.restart();
        assertEquals(2, recovered().size());
        assertEquals(List.of(), rest(out));
        resource.commit(committed, false);
        resource.rollback(rolledBack);
        assertEquals(List.of("moved"), rest(out));
        assertEquals("two", text(consumer.receive(WAIT)));
        assertEquals(List.of(), recovered());
    }

    @Test
    void invariant21TheDeathOfTheClientRollsBackWhatIsNotPreparedAndKeepsWhatIs() throws Exception {
        fill("prepared", "open");
        Xid prepared = xid();
        Xid open = xid();
        try (CuttableProxy proxy = new CuttableProxy(BROKER.port())) {
            XAConnection dying = new PenstockXAConnectionFactory(
                            proxy.factory("jms.reconnectAttempts=0").getUrl())
                    .createXAConnection();
            dying.start();
            XASession its = dying.createXASession();
            XAResource resourceOfIt = its.getXAResource();
            MessageConsumer consumer = its.createConsumer(in);
            resourceOfIt.start(prepared, XAResource.TMNOFLAGS);
            assertEquals("prepared", text(consumer.receive(WAIT)));
            its.createProducer(out).send(its.createTextMessage("moved"));
            resourceOfIt.end(prepared, XAResource.TMSUCCESS);
            resourceOfIt.prepare(prepared);
            resourceOfIt.start(open, XAResource.TMNOFLAGS);
            assertEquals("open", text(consumer.receive(WAIT)));
            resourceOfIt.end(open, XAResource.TMSUCCESS);
            proxy.cut();
            refuses(XAException.XAER_RMFAIL, () -> resourceOfIt.commit(prepared, false));
            dying.close();
        }
        MessageConsumer other = session.createConsumer(in);
        assertEquals("open", text(other.receive(WAIT)));
        assertNull(other.receive(200));
        List<Xid> left = mine(resource);
        assertEquals(1, left.size());
        resource.commit(left.get(0), false);
        assertEquals(List.of("moved"), rest(out));
        other.close();
        assertEquals(List.of(), rest(in));
        refuses(XAException.XAER_NOTA, () -> resource.rollback(open));
    }

    @Test
    void invariant21PrepareSurvivesACutSocket() throws Exception {
        fill("one");
        try (CuttableProxy proxy = new CuttableProxy(BROKER.port())) {
            XAConnection cut = new PenstockXAConnectionFactory(proxy.factory().getUrl()).createXAConnection();
            cut.start();
            XASession its = cut.createXASession();
            XAResource resourceOfIt = its.getXAResource();
            MessageConsumer consumer = its.createConsumer(in);
            Xid xid = xid();
            resourceOfIt.start(xid, XAResource.TMNOFLAGS);
            assertEquals("one", text(consumer.receive(WAIT)));
            resourceOfIt.end(xid, XAResource.TMSUCCESS);
            proxy.cut();
            assertEquals(XAResource.XA_OK, resourceOfIt.prepare(xid));
            proxy.cut();
            resourceOfIt.commit(xid, false);
            cut.close();
        }
        assertEquals(List.of(), rest(in));
    }

    @Test
    void rule30SubscriptionsTakePart() throws Exception {
        Topic topic = session.createTopic(name + ".topic");
        MessageConsumer durable = session.createSharedDurableConsumer(topic, name);
        try (JMSContext context = BROKER.factory().createContext()) {
            context.createProducer().send(topic, "news");
        }
        Xid xid = xid();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("news", text(durable.receive(WAIT)));
        session.createProducer(topic).send(session.createTextMessage("more"));
        resource.end(xid, XAResource.TMSUCCESS);
        resource.prepare(xid);
        BROKER.restart();
        resource.commit(xid, false);
        assertEquals("more", text(durable.receive(WAIT)));
        assertNull(durable.receive(200));
    }

    @Test
    void rule30AnXaContextIsTransactedAndRefusesLocalEnds() throws Exception {
        try (XAJMSContext context = xaFactory().createXAContext()) {
            assertTrue(context.getTransacted());
            assertThrows(jakarta.jms.TransactionInProgressRuntimeException.class, context::commit);
            assertThrows(jakarta.jms.TransactionInProgressRuntimeException.class, context::rollback);
            Xid xid = xid();
            context.getXAResource().start(xid, XAResource.TMNOFLAGS);
            context.createProducer().send(out, "hello");
            context.getXAResource().end(xid, XAResource.TMSUCCESS);
            context.getXAResource().prepare(xid);
            context.getXAResource().commit(xid, false);
        }
        assertEquals(List.of("hello"), rest(out));
    }

    @Test
    void rule30ALargeMessageTakesPartAsAWhole() throws Exception {
        byte[] body = new byte[3_000_000];
        Arrays.fill(body, (byte) 7);
        Xid xid = xid();
        resource.start(xid, XAResource.TMNOFLAGS);
        jakarta.jms.BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);
        session.createProducer(out).send(message);
        resource.end(xid, XAResource.TMSUCCESS);
        resource.prepare(xid);
        session.close();
        BROKER.restart();
        resource.commit(xid, false);
        try (JMSContext context = BROKER.factory().createContext()) {
            assertEquals(body.length, context.createConsumer(out).receive(WAIT).getBody(byte[].class).length);
        }
    }
}
