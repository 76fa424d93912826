package io.penstock.matrix;

import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** Tells the course of a commit what its resource is asked and has answered. The transaction's thread. */
record WatchedResource(XAResource resource, CommitCourse course) implements XAResource {
    @Override
    public int prepare(Xid xid) throws XAException {
        course.preparing();
        int vote = resource.prepare(xid);
        course.prepared();
        return vote;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        course.committing();
        resource.commit(xid, onePhase);
        course.committed();
    }

    @Override
    public boolean isSameRM(XAResource other) throws XAException {
        return resource.isSameRM(other instanceof WatchedResource watched ? watched.resource : other);
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        resource.start(xid, flags);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        resource.end(xid, flags);
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        resource.rollback(xid);
    }

    @Override
    public void forget(Xid xid) throws XAException {
        resource.forget(xid);
    }

    @Override
    public Xid[] recover(int flag) throws XAException {
        return resource.recover(flag);
    }

    @Override
    public int getTransactionTimeout() throws XAException {
        return resource.getTransactionTimeout();
    }

    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        return resource.setTransactionTimeout(seconds);
    }
}
