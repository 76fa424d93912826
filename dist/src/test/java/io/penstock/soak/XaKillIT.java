package io.penstock.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.penstock.jms.PenstockXAConnectionFactory;
import io.penstock.process.BrokerProcess;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XASession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL of the broker between the phases of distributed transactions (rule 30, invariants 20 to 23). */
@Timeout(300)
class XaKillIT {
    private static final int WAIT = 20_000;
    private static final int KILLS = Integer.getInteger("penstock.soak.kills", 3);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private PenstockXAConnectionFactory factory;

    /** Of one round and one kind. */
    private record TestXid(int round, int kind) implements Xid {
        @Override
        public int getFormatId() {
            return 77;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return new byte[] {(byte) round, (byte) kind};
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[0];
        }

        static TestXid of(Xid xid) {
            byte[] global = xid.getGlobalTransactionId();
            return new TestXid(global[0], global[1]);
        }
    }

    private List<String> rest(String queue) throws Exception {
        List<String> rest = new ArrayList<>();
        try (JMSContext context = factory.createContext()) {
            JMSConsumer consumer = context.createConsumer(context.createQueue(queue));
            // What the dead session held is given back when its grace is over.
            for (Message message = consumer.receive(WAIT); message != null; message = consumer.receive(500)) {
                rest.add(message.getBody(String.class));
            }
        }
        return rest;
    }

    private static void work(XASession session, MessageConsumer consumer, TestXid xid) throws Exception {
        session.getXAResource().start(xid, XAResource.TMNOFLAGS);
        assertNotNull(consumer.receive(WAIT));
        session.createProducer(session.createQueue("out")).send(session.createTextMessage("moved by " + xid));
        session.getXAResource().end(xid, XAResource.TMSUCCESS);
    }

    @Test
    void invariant21WhatIsPreparedIsKeptHiddenAndDecidedAfterTheBrokersDeath() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(directory)) {
            broker.start();
            factory = new PenstockXAConnectionFactory(broker.url());
            for (int round = 1; round <= KILLS; round++) {
                round(broker, round);
            }
        }
    }

    private void round(BrokerProcess broker, int round) throws Exception {
        TestXid toCommit = new TestXid(round, 1);
        TestXid toRollBack = new TestXid(round, 2);
        TestXid unprepared = new TestXid(round, 3);
        TestXid committed = new TestXid(round, 4);
        try (JMSContext context = factory.createContext()) {
            Queue in = context.createQueue("in");
            for (int i = 1; i <= 4; i++) {
                context.createProducer().send(in, "order " + i);
            }
        }
        XAConnection dying =
                new PenstockXAConnectionFactory(broker.url() + "?jms.reconnectAttempts=0").createXAConnection();
        dying.start();
        XASession session = dying.createXASession();
        XAResource resource = session.getXAResource();
        MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
        for (TestXid xid : List.of(toCommit, toRollBack, unprepared, committed)) {
            work(session, consumer, xid);
        }
        for (TestXid xid : List.of(committed, toCommit, toRollBack)) {
            assertEquals(XAResource.XA_OK, resource.prepare(xid));
        }
        resource.commit(committed, false);
        broker.kill();
        broker.start();
        dying.close();

        try (XAJMSContext context = factory.createXAContext()) {
            XAResource other = context.getXAResource();
            Set<String> listed = new TreeSet<>();
            for (Xid xid : other.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)) {
                listed.add(TestXid.of(xid).toString());
            }
            assertEquals(Set.of(toCommit.toString(), toRollBack.toString()), listed);
            assertEquals(List.of("moved by " + committed), rest("out"));
            assertEquals(List.of("order 3"), rest("in"));
            other.commit(toCommit, false);
            other.rollback(toRollBack);
            try {
                other.commit(committed, false);
            } catch (XAException e) {
                assertEquals(XAException.XAER_NOTA, e.errorCode);
            }
            assertEquals(0, other.recover(XAResource.TMSTARTRSCAN).length);
        }
        assertEquals(List.of("moved by " + toCommit), rest("out"));
        assertEquals(List.of("order 2"), rest("in"));
    }
}
