package io.penstock.jms.xa;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.ClientBranches;
import jakarta.jms.JMSException;
import java.util.List;

/** A session as its XAResource uses it. */
public interface XaSession {

    /** New work that nothing belongs to yet. */
    XaWork begin() throws JMSException;

    /** What the session sends and receives from now on belongs to it; null for to no branch. */
    void enter(XaWork work);

    /** Waits for the answer, over interruptions of the connection. Works when the session is closed and its connection not. */
    ClientBranches.Outcome end(BranchXid xid, ClientBranches.End end) throws JMSException;

    /** As {@link #end}. */
    List<BranchXid> prepared() throws JMSException;

    /** Runs a task on a thread that may wait, unless the connection has gone by then. */
    void later(Runnable task, long delayMillis);

    long nanos();

    /** True when nothing can be begun any more. */
    boolean isClosed();
}
