package io.penstock.ra.client;

import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/**
 * Ends what a crash has left prepared: connects for each question and keeps nothing open, so that nobody has to close it.
 * Any thread.
 */
public final class RecoveryResource implements XAResource {

    /** Something that is done with a resource. */
    private interface Use<T> {
        T of(XAResource resource) throws XAException;
    }

    private static final Xid[] NOTHING = {};

    private final ConnectionDefaults broker;

    public RecoveryResource(ConnectionDefaults broker) {
        this.broker = broker.withClientId(null);
    }

    private <T> T use(Use<T> use) throws XAException {
        try {
            XAConnection connection = OwnLoader.with(() -> broker.openForTransactions());
            try {
                return use.of(new PhysicalSessions(connection).resource());
            } finally {
                connection.close();
            }
        } catch (JMSException e) {
            throw failed(XAException.XAER_RMFAIL, "recovering transactions of " + broker + ": " + e.getMessage(), e);
        }
    }

    private static XAException failed(int code, String text, Exception cause) {
        XAException failure = new XAException(text);
        failure.errorCode = code;
        failure.initCause(cause);
        return failure;
    }

    @Override
    public Xid[] recover(int flags) throws XAException {
        if ((flags & TMSTARTRSCAN) == 0) {
            return NOTHING.clone(); // All were told when the scan began.
        }
        return use(resource -> resource.recover(TMSTARTRSCAN | TMENDRSCAN));
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        use(resource -> {
            resource.commit(xid, onePhase);
            return null;
        });
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        use(resource -> {
            resource.rollback(xid);
            return null;
        });
    }

    @Override
    public void forget(Xid xid) throws XAException {
        use(resource -> {
            resource.forget(xid);
            return null;
        });
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return other instanceof RecoveryResource recovery && recovery.broker.equals(broker);
    }

    // ---- it has no work of its own

    @Override
    public void start(Xid xid, int flags) throws XAException {
        throw failed(XAException.XAER_PROTO, "this resource is for recovery alone", null);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        throw failed(XAException.XAER_PROTO, "this resource is for recovery alone", null);
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        throw failed(XAException.XAER_PROTO, "this resource is for recovery alone", null);
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }
}
