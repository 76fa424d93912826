package io.penstock.jms.session;

import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.xa.PenstockXAResource;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TopicSession;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XASession;
import jakarta.jms.XATopicSession;
import java.util.function.Supplier;
import javax.transaction.xa.XAResource;

/**
 * A session whose work belongs to branches of distributed transactions, as its XAResource is told (rule 30). While it is in
 * none, a send is stored at once and a message is acknowledged as with AUTO_ACKNOWLEDGE. A message whose listener begins a
 * branch belongs to that.
 */
final class PenstockXASession extends PenstockSession implements XASession, XAQueueSession, XATopicSession {
    private SessionBranches branches;
    private PenstockXAResource resource;

    PenstockXASession(PenstockConnection connection, ClientConnection opener, Domain domain) {
        super(connection, opener, AcknowledgeMode.AUTO, domain);
    }

    @Override
    Supplier<Staging> staging(ClientSession client) {
        core().mayHaveBranches();
        branches = new SessionBranches(connection(), client, core());
        resource = new PenstockXAResource(branches);
        return branches::staging;
    }

    @Override
    public XAResource getXAResource() {
        return resource;
    }

    @Override
    public Session getSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public QueueSession getQueueSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public TopicSession getTopicSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public boolean getTransacted() throws JMSException {
        checkOpen();
        return true;
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return SESSION_TRANSACTED;
    }

    @Override
    public void commit() throws JMSException {
        checkOpen();
        throw inProgress("commit");
    }

    @Override
    public void rollback() throws JMSException {
        checkOpen();
        throw inProgress("rollback");
    }

    private static TransactionInProgressException inProgress(String method) {
        return new TransactionInProgressException(
                method + " is not for sessions of distributed transactions; their transaction manager ends these");
    }

    @Override
    public void recover() throws JMSException {
        checkOpen();
        throw new IllegalStateException("recover is not for transacted sessions");
    }

    @Override
    public void close() throws JMSException {
        super.close();
        branches.close();
        resource.closed();
    }
}
