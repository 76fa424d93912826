package io.penstock.arquillian.halt;

import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** A branch of the database. Threads as of {@link XAResource}. */
record HaltingResource(XAResource database) implements XAResource {
    @Override
    public int prepare(Xid xid) throws XAException {
        int vote = database.prepare(xid);
        HaltingDataSource.haltAt("after prepare");
        return vote;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        HaltingDataSource.haltAt("before commit");
        database.commit(xid, onePhase);
        HaltingDataSource.haltAt("after commit");
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        database.rollback(xid);
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        database.start(xid, flags);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        database.end(xid, flags);
    }

    @Override
    public void forget(Xid xid) throws XAException {
        database.forget(xid);
    }

    @Override
    public Xid[] recover(int flag) throws XAException {
        return database.recover(flag);
    }

    @Override
    public boolean isSameRM(XAResource other) throws XAException {
        return database.isSameRM(other instanceof HaltingResource halting ? halting.database : other);
    }

    @Override
    public int getTransactionTimeout() throws XAException {
        return database.getTransactionTimeout();
    }

    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        return database.setTransactionTimeout(seconds);
    }
}
