package io.penstock.ra.client;

import jakarta.jms.Connection;
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
    private final Connection connection;
    private XASession global;
    private Session auto;
    private Session dupsOk;
    private Session local;

    /** @param connection an {@link XAConnection}, or there are no global transactions */
    public PhysicalSessions(Connection connection) {
        this.connection = connection;
    }

    /** Of a global transaction, whose XAResource says when. */
    public Session global() throws JMSException {
        return xaSession().getSession();
    }

    /** @throws JMSException if the connection is none for global transactions */
    public XAResource resource() throws JMSException {
        return xaSession().getXAResource();
    }

    private synchronized XASession xaSession() throws JMSException {
        if (global == null) {
            if (!(connection instanceof XAConnection xa)) {
                throw new jakarta.jms.IllegalStateException("this connection has no global transactions");
            }
            global = OwnLoader.with(xa::createXASession);
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
        if (connection instanceof XAConnection) {
            return global();
        }
        if (auto == null) {
            auto = OwnLoader.with(() -> connection.createSession(Session.AUTO_ACKNOWLEDGE));
        }
        return auto;
    }
}
