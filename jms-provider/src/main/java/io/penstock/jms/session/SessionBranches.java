package io.penstock.jms.session;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.ClientBranches;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.xa.XaSession;
import io.penstock.jms.xa.XaWork;
import jakarta.jms.JMSException;
import java.util.List;

/** An XA session's branches, as its XAResource drives them. Any thread, one call at a time. */
final class SessionBranches implements XaSession {
    private final PenstockConnection connection;
    private final ClientSession client;
    private final SessionCore core;
    private volatile Staging staging;
    private volatile boolean closed;

    SessionBranches(PenstockConnection connection, ClientSession client, SessionCore core) {
        this.connection = connection;
        this.client = client;
        this.core = core;
    }

    /** Where sends go now; null while the session is in no branch. */
    Staging staging() {
        return staging;
    }

    @Override
    public XaWork begin() throws JMSException {
        if (!connection.isAlive()) {
            throw new JMSException("the connection is lost", "CONNECTION");
        }
        return new SessionBranch(connection, core, client.openBranch());
    }

    @Override
    public void enter(XaWork work) {
        SessionBranch branch = (SessionBranch) work;
        if (branch == null) {
            staging = null;
            core.books().enter(null, false);
        } else {
            core.books().enter(branch.received(), core.insideListener());
            staging = branch.sends()::stage;
        }
    }

    @Override
    public ClientBranches.Outcome end(BranchXid xid, ClientBranches.End end) throws JMSException {
        return Waiting.until(
                connection.client().branches().end(xid, end), connection.client(), end + " of branch " + xid);
    }

    @Override
    public List<BranchXid> prepared() throws JMSException {
        return Waiting.until(
                connection.client().branches().list(), connection.client(), "asking for prepared branches");
    }

    @Override
    public void later(Runnable task, long delayMillis) {
        connection.client().later(() -> Workers.run(task), delayMillis);
    }

    @Override
    public long nanos() {
        return connection.clock().nanos();
    }

    void close() {
        closed = true;
        staging = null;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public String toString() {
        return "a session";
    }
}
