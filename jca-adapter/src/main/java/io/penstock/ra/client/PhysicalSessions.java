package io.penstock.ra.client;

import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import javax.transaction.xa.XAResource;

/**
 * The sessions of one physical connection, each made when it is first needed and kept: handles come and go over them. The
 * one for global transactions is that of AUTO, too: outside of a branch it works as such, so that consumers stay what they
 * are when a transaction begins. The thread of the connection's user.
 */
public final class PhysicalSessions {
    private final XAConnection connection;
    private XASession global;
    private Session dupsOk;
    private Session local;

    public PhysicalSessions(XAConnection connection) {
        this.connection = connection;
    }

    /** Of a global transaction, whose XAResource says when. */
    public Session global() throws JMSException {
        return xaSession().getSession();
    }

    public XAResource resource() throws JMSException {
        return xaSession().getXAResource();
    }

    private synchronized XASession xaSession() throws JMSException {
        if (global == null) {
            global = OwnLoader.with(connection::createXASession);
        }
        return global;
    }

    /** Of a transaction that this session alone is in. */
    public synchronized Session local() throws JMSException {
        if (local == null) {
            local = OwnLoader.with(() -> connection.createSession(Session.SESSION_TRANSACTED));
        }
        return local;
    }

    /** Outside of transactions. */
    public synchronized Session plain(int acknowledgeMode) throws JMSException {
        if (acknowledgeMode == Session.DUPS_OK_ACKNOWLEDGE) {
            if (dupsOk == null) {
                dupsOk = OwnLoader.with(() -> connection.createSession(Session.DUPS_OK_ACKNOWLEDGE));
            }
            return dupsOk;
        }
        return global();
    }
}
