package io.penstock.jms.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.ClientBranches.Outcome;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.XASession;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** The XAResource's state machine against an engine without a broker, by the tables of X/Open XA. */
@Timeout(value = 20, unit = TimeUnit.SECONDS)
class XaResourceTest {
    private static final BranchXid A = xid(1);
    private static final BranchXid B = xid(2);

    private final FakeEngine engine = new FakeEngine();
    private PenstockXAConnection connection;
    private XASession session;
    private XAResource resource;
    private Queue queue;

    private static BranchXid xid(int number) {
        return new BranchXid(7, new byte[] {(byte) number}, new byte[] {1});
    }

    @BeforeEach
    void open() throws Exception {
        connection = engine.xaConnection();
        connection.start();
        session = connection.createXASession();
        resource = session.getXAResource();
        queue = session.createQueue("q");
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private static void refuses(int code, Executable call) {
        assertEquals(code, assertThrows(XAException.class, call).errorCode);
    }

    private void send() throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("m"));
        producer.close();
    }

    private void idleWithASend(Xid xid) throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        send();
        resource.end(xid, XAResource.TMSUCCESS);
    }

    private FakeEngine.FakeConsumer last() {
        return engine.consumers.get(engine.consumers.size() - 1);
    }

    private static String receive(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(5000);
        assertNotNull(message);
        return ((TextMessage) message).getText();
    }

    // ---- the two phases

    @Test
    void rule30BothPhasesHandOverSendsAndMessagesOnce() throws Exception {
        // Given
        MessageConsumer consumer = session.createConsumer(queue);
        last().push("one", "two");
        resource.start(A, XAResource.TMNOFLAGS);
        assertEquals("one", receive(consumer));
        send();
        assertEquals("two", receive(consumer));
        resource.end(A, XAResource.TMSUCCESS);
        // When
        assertEquals(XAResource.XA_OK, resource.prepare(A));
        resource.commit(A, false);
        // Then
        List<String> words = engine.words();
        assertTrue(words.contains("prepare " + A + " 1 sends ACCEPTED 1[0..1]"), words.toString());
        assertEquals(List.of("COMMIT " + A, "ended true"), words.subList(words.size() - 2, words.size()));
        refuses(XAException.XAER_NOTA, () -> resource.end(A, XAResource.TMSUCCESS));
    }

    @Test
    void rule30OnePhaseIsACommitOfTheSession() throws Exception {
        idleWithASend(A);
        resource.commit(A, true);
        assertEquals("commit 1 sends", engine.words().get(engine.words().size() - 1));
        refuses(XAException.XAER_NOTA, () -> resource.commit(A, true));
    }

    @Test
    void rule30ABranchWithoutWorkVotesReadOnlyAndIsOver() throws Exception {
        resource.start(A, XAResource.TMNOFLAGS);
        resource.end(A, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_RDONLY, resource.prepare(A));
        refuses(XAException.XAER_NOTA, () -> resource.prepare(A));
        assertFalse(
                engine.words().toString().contains("prepare"), engine.words().toString());
    }

    @Test
    void rule30RollbackHandsOutAgainAndForgetsSends() throws Exception {
        // Given
        MessageConsumer consumer = session.createConsumer(queue);
        last().push("one", "two");
        resource.start(A, XAResource.TMNOFLAGS);
        assertEquals("one", receive(consumer));
        send();
        resource.end(A, XAResource.TMSUCCESS);
        // When
        resource.rollback(A);
        // Then
        resource.start(B, XAResource.TMNOFLAGS);
        TextMessage again = (TextMessage) consumer.receive(5000);
        assertEquals("one", again.getText());
        assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
        assertEquals("two", receive(consumer));
        resource.end(B, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(B));
        assertTrue(engine.words().contains("discard 1 sends"));
        assertTrue(
                engine.words().contains("prepare " + B + " 0 sends ACCEPTED 1[0..0] ACCEPTED 1[1..1]"),
                engine.words().toString());
    }

    // ---- interleaving

    @Test
    void rule30InterleavedBranchesKeepTheirMessagesAndSendsApart() throws Exception {
        // Given
        MessageConsumer consumer = session.createConsumer(queue);
        last().push("a0", "b1", "a2", "b3");
        resource.start(A, XAResource.TMNOFLAGS);
        receive(consumer);
        send();
        resource.end(A, XAResource.TMSUSPEND);
        resource.start(B, XAResource.TMNOFLAGS);
        receive(consumer);
        resource.end(B, XAResource.TMSUCCESS);
        resource.start(A, XAResource.TMRESUME);
        receive(consumer);
        send();
        resource.end(A, XAResource.TMSUCCESS);
        resource.start(B, XAResource.TMJOIN);
        receive(consumer);
        send();
        resource.end(B, XAResource.TMSUCCESS);
        // When
        resource.prepare(A);
        resource.prepare(B);
        // Then
        assertTrue(
                engine.words().contains("prepare " + A + " 2 sends ACCEPTED 1[0..0 2..2]"),
                engine.words().toString());
        assertTrue(
                engine.words().contains("prepare " + B + " 1 sends ACCEPTED 1[1..1 3..3]"),
                engine.words().toString());
    }

    @Test
    void rule30RollbackOfOneBranchLeavesTheOtherAlone() throws Exception {
        MessageConsumer consumer = session.createConsumer(queue);
        last().push("a", "b");
        resource.start(A, XAResource.TMNOFLAGS);
        receive(consumer);
        resource.end(A, XAResource.TMSUCCESS);
        resource.start(B, XAResource.TMNOFLAGS);
        receive(consumer);
        resource.end(B, XAResource.TMSUCCESS);
        resource.rollback(A);
        resource.prepare(B);
        assertTrue(
                engine.words().contains("prepare " + B + " 0 sends ACCEPTED 1[1..1]"),
                engine.words().toString());
        assertEquals("a", receive(consumer));
    }

    // ---- outside of branches

    @Test
    void rule30OutsideOfABranchSendsAndReceivesCountAtOnce() throws Exception {
        MessageConsumer consumer = session.createConsumer(queue);
        last().push("one");
        send();
        receive(consumer);
        consumer.close();
        assertTrue(engine.words().contains("send to q"), engine.words().toString());
        assertTrue(
                engine.words().toString().contains("ACCEPTED 1[0..0]"),
                engine.words().toString());
        idleWithASend(A);
        send();
        assertEquals(2, engine.words().stream().filter("send to q"::equals).count());
    }

    @Test
    void rule30CommitAndRollbackOfTheSessionAreRefused() throws Exception {
        assertTrue(session.getTransacted());
        assertEquals(Session.SESSION_TRANSACTED, session.getAcknowledgeMode());
        resource.start(A, XAResource.TMNOFLAGS);
        assertThrows(TransactionInProgressException.class, session::commit);
        assertThrows(TransactionInProgressException.class, session::rollback);
        assertThrows(jakarta.jms.IllegalStateException.class, session::recover);
        resource.end(A, XAResource.TMSUCCESS);
    }

    @Test
    void rule30AMessageWhoseListenerBeginsABranchBelongsToIt() throws Exception {
        CompletableFuture<Void> heard = new CompletableFuture<>();
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.setMessageListener(message -> {
            try {
                resource.start(A, XAResource.TMNOFLAGS);
                send();
                resource.end(A, XAResource.TMSUCCESS);
                resource.prepare(A);
                heard.complete(null);
            } catch (XAException | JMSException e) {
                heard.completeExceptionally(e);
            }
        });
        last().push("one");
        heard.get(10, TimeUnit.SECONDS);
        connection.stop();
        assertTrue(
                engine.words().contains("prepare " + A + " 1 sends ACCEPTED 1[0..0]"),
                engine.words().toString());
        assertEquals(
                1,
                engine.words().stream()
                        .filter(line -> line.contains("ACCEPTED"))
                        .count());
    }

    // ---- who may what when

    @Test
    void rule30MisuseIsToldByItsCode() throws Exception {
        refuses(XAException.XAER_INVAL, () -> resource.start(null, XAResource.TMNOFLAGS));
        refuses(XAException.XAER_INVAL, () -> resource.start(A, XAResource.TMSUCCESS));
        refuses(XAException.XAER_NOTA, () -> resource.start(A, XAResource.TMJOIN));
        refuses(XAException.XAER_NOTA, () -> resource.start(A, XAResource.TMRESUME));
        refuses(XAException.XAER_NOTA, () -> resource.end(A, XAResource.TMSUCCESS));
        refuses(XAException.XAER_NOTA, () -> resource.prepare(A));
        refuses(XAException.XAER_NOTA, () -> resource.commit(A, true));

        resource.start(A, XAResource.TMNOFLAGS);
        refuses(XAException.XAER_DUPID, () -> resource.start(A, XAResource.TMNOFLAGS));
        refuses(XAException.XAER_PROTO, () -> resource.start(B, XAResource.TMNOFLAGS));
        refuses(XAException.XAER_PROTO, () -> resource.prepare(A));
        refuses(XAException.XAER_PROTO, () -> resource.commit(A, true));
        refuses(XAException.XAER_PROTO, () -> resource.commit(A, false));
        refuses(XAException.XAER_PROTO, () -> resource.rollback(A));
        refuses(XAException.XAER_INVAL, () -> resource.end(A, XAResource.TMJOIN));

        resource.end(A, XAResource.TMSUSPEND);
        refuses(XAException.XAER_PROTO, () -> resource.start(A, XAResource.TMJOIN));
        refuses(XAException.XAER_PROTO, () -> resource.end(A, XAResource.TMSUSPEND));
        refuses(XAException.XAER_PROTO, () -> resource.prepare(A));
        refuses(XAException.XAER_PROTO, () -> resource.rollback(A));

        resource.start(A, XAResource.TMRESUME);
        send();
        resource.end(A, XAResource.TMSUCCESS);
        refuses(XAException.XAER_PROTO, () -> resource.start(A, XAResource.TMRESUME));
        refuses(XAException.XAER_PROTO, () -> resource.end(A, XAResource.TMSUCCESS));
        refuses(XAException.XAER_PROTO, () -> resource.commit(A, false));

        resource.prepare(A);
        refuses(XAException.XAER_DUPID, () -> resource.start(A, XAResource.TMNOFLAGS));
        refuses(XAException.XAER_PROTO, () -> resource.start(A, XAResource.TMJOIN));
        refuses(XAException.XAER_PROTO, () -> resource.prepare(A));
        refuses(XAException.XAER_PROTO, () -> resource.commit(A, true));
        resource.commit(A, false);

        refuses(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMJOIN));
        refuses(XAException.XAER_INVAL, () -> resource.setTransactionTimeout(-1));
        assertTrue(resource.isSameRM(resource));
        assertFalse(resource.isSameRM(connection.createXASession().getXAResource()));
    }

    @Test
    void rule30EndWithFailureAllowsNothingButRollback() throws Exception {
        resource.start(A, XAResource.TMNOFLAGS);
        send();
        resource.end(A, XAResource.TMFAIL);
        refuses(XAException.XA_RBROLLBACK, () -> resource.start(A, XAResource.TMJOIN));
        refuses(XAException.XA_RBROLLBACK, () -> resource.prepare(A));
        resource.start(B, XAResource.TMNOFLAGS);
        send();
        resource.end(B, XAResource.TMFAIL);
        resource.rollback(B);
        refuses(XAException.XAER_NOTA, () -> resource.prepare(B));
    }

    @Test
    void rule30ABranchThatIsNotPreparedInTimeIsRolledBack() throws Exception {
        // Given
        assertTrue(resource.setTransactionTimeout(1));
        MessageConsumer consumer = session.createConsumer(queue);
        last().push("one");
        resource.start(A, XAResource.TMNOFLAGS);
        receive(consumer);
        resource.end(A, XAResource.TMSUCCESS);
        resource.setTransactionTimeout(0);
        // When: its message comes again, which it does when the time is up
        resource.start(B, XAResource.TMNOFLAGS);
        assertEquals("one", receive(consumer));
        resource.end(B, XAResource.TMSUCCESS);
        // Then
        refuses(XAException.XA_RBTIMEOUT, () -> resource.prepare(A));
        assertEquals(XAResource.XA_OK, resource.prepare(B));
    }

    // ---- trouble

    @Test
    void invariant22WhatIsPreparedIsNeverSaidToBeRolledBack() throws Exception {
        idleWithASend(A);
        resource.prepare(A);
        engine.endFailure = new JMSException("lost", "CONNECTION");
        refuses(XAException.XAER_RMFAIL, () -> resource.commit(A, false));
        refuses(XAException.XAER_RMFAIL, () -> resource.rollback(A));
        engine.endFailure = new JMSException("no leader", "NOT_LEADER");
        refuses(XAException.XA_RETRY, () -> resource.commit(A, false));
        refuses(XAException.XAER_RMFAIL, () -> resource.rollback(A));
        engine.endFailure = null;
        resource.commit(A, false);
        assertEquals("ended true", engine.words().get(engine.words().size() - 1));
    }

    @Test
    void invariant23APrepareOfUnknownOutcomeCanBeEndedEitherWay() throws Exception {
        idleWithASend(A);
        engine.commitFailure = new JMSException("lost", "CONNECTION");
        refuses(XAException.XAER_RMFAIL, () -> resource.prepare(A));
        engine.endOutcome = Outcome.UNKNOWN;
        resource.rollback(A); // It was not prepared.
        engine.commitFailure = null;
        idleWithASend(A);
        engine.commitFailure = new JMSException("lost", "CONNECTION");
        refuses(XAException.XAER_RMFAIL, () -> resource.prepare(A));
        engine.endOutcome = Outcome.DONE;
        resource.rollback(A); // It was.
    }

    @Test
    void rule30ARefusedPrepareIsARollback() throws Exception {
        MessageConsumer consumer = session.createConsumer(queue);
        last().push("one");
        resource.start(A, XAResource.TMNOFLAGS);
        receive(consumer);
        resource.end(A, XAResource.TMSUCCESS);
        engine.commitFailure = new TransactionRolledBackException("refused", "ACQUISITION_LOST");
        refuses(XAException.XA_RBROLLBACK, () -> resource.prepare(A));
        refuses(XAException.XAER_NOTA, () -> resource.prepare(A));
        assertEquals("one", receive(consumer));
    }

    @Test
    void rule30AnOperatorsDecisionIsToldUntilItIsForgotten() throws Exception {
        engine.endOutcome = Outcome.COMMITTED_BY_HAND;
        refuses(XAException.XA_HEURCOM, () -> resource.commit(A, false));
        refuses(XAException.XA_HEURCOM, () -> resource.rollback(A));
        engine.endOutcome = Outcome.ROLLED_BACK_BY_HAND;
        refuses(XAException.XA_HEURRB, () -> resource.commit(A, false));
        engine.endOutcome = Outcome.DONE;
        resource.forget(A);
        engine.endOutcome = Outcome.UNKNOWN;
        refuses(XAException.XAER_NOTA, () -> resource.forget(A));
        refuses(XAException.XAER_NOTA, () -> resource.commit(A, false));
        refuses(XAException.XAER_NOTA, () -> resource.rollback(A));
        engine.endOutcome = Outcome.REFUSED;
        refuses(XAException.XAER_PROTO, () -> resource.forget(A));
    }

    @Test
    void rule30RecoverTellsAllWhenTheScanBegins() throws Exception {
        engine.prepared.addAll(List.of(A, B));
        assertArrayEquals(new Xid[] {A, B}, resource.recover(XAResource.TMSTARTRSCAN));
        assertEquals(0, resource.recover(XAResource.TMNOFLAGS).length);
        assertEquals(0, resource.recover(XAResource.TMENDRSCAN).length);
        assertEquals(2, resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN).length);
        engine.endFailure = new JMSException("lost", "CONNECTION");
        refuses(XAException.XAER_RMFAIL, () -> resource.recover(XAResource.TMSTARTRSCAN));
    }

    @Test
    void invariant21TheEndOfTheSessionRollsBackWhatIsNotPrepared() throws Exception {
        idleWithASend(A);
        idleWithASend(B);
        resource.prepare(B);
        session.close();
        refuses(XAException.XAER_NOTA, () -> resource.prepare(A));
        refuses(XAException.XAER_RMFAIL, () -> resource.start(A, XAResource.TMNOFLAGS));
        resource.commit(B, false);
    }
}
