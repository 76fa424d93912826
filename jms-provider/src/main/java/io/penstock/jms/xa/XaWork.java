package io.penstock.jms.xa;

import io.penstock.jms.client.BranchXid;
import jakarta.jms.JMSException;

/** What a session does for one branch: its sends, and the messages that it was handed. One thread at a time. */
public interface XaWork {

    /** True when it neither sends nor accepts anything. */
    boolean isEmpty();

    /**
     * Hands all of it to the broker, which keeps it; the session has no part in it any more.
     *
     * @throws jakarta.jms.TransactionRolledBackException when it is certain that it was not done; it is rolled back then
     * @throws JMSException when that is not known
     */
    void prepare(BranchXid xid) throws JMSException;

    /** Both phases in one; exceptions as with {@link #prepare}. */
    void commit() throws JMSException;

    /** Before it was prepared: messages come again, sends are forgotten. */
    void rollback() throws JMSException;

    /** How what was prepared has ended. */
    void ended(boolean committed);
}
