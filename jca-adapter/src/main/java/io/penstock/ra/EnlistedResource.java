package io.penstock.ra;

import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/**
 * The XAResource of a managed connection: its session's, which also tells the connection when it is in a transaction. It is
 * the connection's as long as that lives, whatever handles come and go. The transaction manager's threads.
 */
final class EnlistedResource implements XAResource {

    /** Told what the connection's work belongs to from now on. */
    interface Enlistment {
        void isGlobal(boolean inTransaction);
    }

    private final XAResource real;
    private final Enlistment enlistment;

    EnlistedResource(XAResource real, Enlistment enlistment) {
        this.real = real;
        this.enlistment = enlistment;
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        real.start(xid, flags);
        enlistment.isGlobal(true);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        enlistment.isGlobal(false);
        real.end(xid, flags);
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        return real.prepare(xid);
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        real.commit(xid, onePhase);
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        real.rollback(xid);
    }

    @Override
    public Xid[] recover(int flags) throws XAException {
        return real.recover(flags);
    }

    @Override
    public void forget(Xid xid) throws XAException {
        real.forget(xid);
    }

    @Override
    public boolean isSameRM(XAResource other) throws XAException {
        return real.isSameRM(other instanceof EnlistedResource enlisted ? enlisted.real : other);
    }

    @Override
    public int getTransactionTimeout() throws XAException {
        return real.getTransactionTimeout();
    }

    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        return real.setTransactionTimeout(seconds);
    }

    @Override
    public String toString() {
        return "managed " + real;
    }
}
