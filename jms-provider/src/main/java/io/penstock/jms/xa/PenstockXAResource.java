package io.penstock.jms.xa;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.ClientBranches.End;
import io.penstock.jms.client.ClientBranches.Outcome;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The XAResource of one session (X/Open XA, Jakarta Transactions; rule 30, invariants 21 and 22). The session takes part in
 * one branch at a time and may have others that are suspended or ended; each has its own sends and its own messages. What
 * is prepared is the broker's, and any resource of the cluster commits it, rolls it back, lists it.
 *
 * <p>Any thread, one call at a time. Ends with its session, except for what is prepared: that can be ended by this resource
 * as long as the connection is open.
 */
public final class PenstockXAResource implements XAResource {
    private static final Logger LOG = LoggerFactory.getLogger(PenstockXAResource.class);
    private static final long LOOK_MILLIS_MAX = TimeUnit.SECONDS.toMillis(5);
    private static final Xid[] NOTHING = {};

    private final XaSession session;
    private final Map<BranchXid, Branch> branches = new HashMap<>();
    /** In which the session takes part. */
    private Branch current;

    private int timeoutSeconds;
    private boolean looking;

    public PenstockXAResource(XaSession session) {
        this.session = session;
    }

    // ---- taking part

    @Override
    public synchronized void start(Xid xid, int flags) throws XAException {
        BranchXid named = named(xid);
        if (session.isClosed()) {
            throw XaErrors.of(XAException.XAER_RMFAIL, "the session is closed");
        }
        if (flags != TMNOFLAGS && flags != TMJOIN && flags != TMRESUME) {
            throw XaErrors.of(XAException.XAER_INVAL, "start takes TMNOFLAGS, TMJOIN or TMRESUME, not " + flags);
        }
        Branch present = branches.get(named);
        if (flags == TMNOFLAGS && present != null) {
            throw XaErrors.of(XAException.XAER_DUPID, "branch " + named + " is known to this session already");
        }
        if (flags != TMNOFLAGS && present == null) {
            throw XaErrors.of(XAException.XAER_NOTA, "branch " + named + " is not known to this session");
        }
        if (current != null) {
            throw XaErrors.of(XAException.XAER_PROTO, "the session takes part in branch " + current.xid + " already");
        }
        if (present != null) {
            refuseRolledBack(present);
            require(present, flags == TMJOIN ? Branch.State.IDLE : Branch.State.SUSPENDED, "start");
        }
        try {
            Branch branch = present == null ? new Branch(named, session.begin()) : present;
            session.enter(branch.work);
            branch.state = Branch.State.ACTIVE;
            current = branch;
            if (present == null) {
                branches.put(named, branch);
                startTimer(branch);
            }
        } catch (JMSException e) {
            throw XaErrors.unavailable("starting branch " + named, e);
        }
    }

    @Override
    public synchronized void end(Xid xid, int flags) throws XAException {
        if (flags != TMSUCCESS && flags != TMFAIL && flags != TMSUSPEND) {
            throw XaErrors.of(XAException.XAER_INVAL, "end takes TMSUCCESS, TMFAIL or TMSUSPEND, not " + flags);
        }
        Branch branch = known(named(xid));
        if (branch.state == Branch.State.ROLLBACK_ONLY) {
            leave(branch);
            throw rolledBack(branch);
        }
        if (branch.state != Branch.State.ACTIVE && (branch.state != Branch.State.SUSPENDED || flags == TMSUSPEND)) {
            throw wrongState(branch, "end");
        }
        leave(branch);
        switch (flags) {
            case TMSUCCESS -> branch.state = Branch.State.IDLE;
            case TMSUSPEND -> branch.state = Branch.State.SUSPENDED;
            default -> branch.rollbackOnly(XAException.XA_RBROLLBACK);
        }
    }

    private void leave(Branch branch) {
        if (branch != current) {
            return; // It was suspended.
        }
        current = null;
        session.enter(null);
    }

    // ---- the two phases

    @Override
    public synchronized int prepare(Xid xid) throws XAException {
        Branch branch = known(named(xid));
        if (branch.state == Branch.State.ROLLBACK_ONLY && branch != current) {
            rollBackHere(branch);
            throw rolledBack(branch);
        }
        require(branch, Branch.State.IDLE, "prepare");
        if (branch.work.isEmpty()) {
            branches.remove(branch.xid);
            return XA_RDONLY;
        }
        try {
            branch.work.prepare(branch.xid);
            branch.state = Branch.State.PREPARED;
            return XA_OK;
        } catch (TransactionRolledBackException e) {
            branches.remove(branch.xid);
            throw XaErrors.of(XAException.XA_RBROLLBACK, "branch " + branch.xid + ": " + e.getMessage(), e);
        } catch (JMSException e) {
            branch.state = Branch.State.UNKNOWN;
            throw XaErrors.unavailable("whether branch " + branch.xid + " is prepared is not known", e);
        }
    }

    @Override
    public synchronized void commit(Xid xid, boolean onePhase) throws XAException {
        BranchXid named = named(xid);
        Branch branch = branches.get(named);
        if (onePhase) {
            commitAtOnce(known(named));
            return;
        }
        if (branch != null && branch.state != Branch.State.PREPARED && branch.state != Branch.State.UNKNOWN) {
            throw wrongState(branch, "commit without prepare");
        }
        Outcome outcome;
        try {
            outcome = session.end(named, End.COMMIT);
        } catch (JMSException e) {
            throw retry("committing branch " + named, e);
        }
        finish(named, branch, outcome, true);
    }

    private void commitAtOnce(Branch branch) throws XAException {
        if (branch.state == Branch.State.ROLLBACK_ONLY && branch != current) {
            rollBackHere(branch);
            throw rolledBack(branch);
        }
        require(branch, Branch.State.IDLE, "commit in one phase");
        branches.remove(branch.xid);
        if (branch.work.isEmpty()) {
            return;
        }
        try {
            branch.work.commit();
        } catch (TransactionRolledBackException e) {
            throw XaErrors.of(XAException.XA_RBROLLBACK, "branch " + branch.xid + ": " + e.getMessage(), e);
        } catch (JMSException e) {
            throw XaErrors.unavailable("whether branch " + branch.xid + " is committed is not known", e);
        }
    }

    @Override
    public synchronized void rollback(Xid xid) throws XAException {
        BranchXid named = named(xid);
        Branch branch = branches.get(named);
        if (branch != null && branch.state != Branch.State.PREPARED && branch.state != Branch.State.UNKNOWN) {
            if (branch == current || branch.state == Branch.State.SUSPENDED) {
                throw wrongState(branch, "rollback before end");
            }
            rollBackHere(branch);
            return;
        }
        Outcome outcome;
        try {
            outcome = session.end(named, End.ROLL_BACK);
        } catch (JMSException e) {
            throw XaErrors.unavailable("rolling back branch " + named, e);
        }
        if (outcome == Outcome.UNKNOWN && branch != null && branch.state == Branch.State.UNKNOWN) {
            branches.remove(named); // It was not prepared: nothing of it has happened.
            return;
        }
        finish(named, branch, outcome, false);
    }

    private void finish(BranchXid named, Branch branch, Outcome outcome, boolean committed) throws XAException {
        if (branch != null && outcome != Outcome.REFUSED) {
            branches.remove(named);
            if (outcome == Outcome.DONE) {
                branch.work.ended(committed);
            }
        }
        switch (outcome) {
            case DONE -> {}
            case UNKNOWN ->
                throw XaErrors.of(XAException.XAER_NOTA, "the broker keeps no branch " + named + " (any more)");
            case COMMITTED_BY_HAND ->
                throw XaErrors.of(XAException.XA_HEURCOM, "an operator has committed branch " + named);
            case ROLLED_BACK_BY_HAND ->
                throw XaErrors.of(XAException.XA_HEURRB, "an operator has rolled back branch " + named);
            case REFUSED -> throw XaErrors.of(XAException.XAER_PROTO, "branch " + named + " ends the other way");
        }
    }

    private void rollBackHere(Branch branch) throws XAException {
        branches.remove(branch.xid);
        if (branch.isGivenBack) {
            return;
        }
        try {
            branch.work.rollback();
        } catch (JMSException e) {
            throw XaErrors.unavailable("rolling back branch " + branch.xid, e);
        }
    }

    /** Invariant 22: what is prepared stays so; nothing is said of how it ends. */
    private static XAException retry(String what, JMSException cause) {
        return "CONNECTION".equals(cause.getErrorCode()) || cause.getErrorCode() == null
                ? XaErrors.unavailable(what, cause)
                : XaErrors.of(XAException.XA_RETRY, what + ": " + cause.getMessage(), cause);
    }

    // ---- recovery

    @Override
    public synchronized Xid[] recover(int flags) throws XAException {
        if ((flags & ~(TMSTARTRSCAN | TMENDRSCAN)) != 0) {
            throw XaErrors.of(
                    XAException.XAER_INVAL, "recover takes TMSTARTRSCAN, TMENDRSCAN or TMNOFLAGS, not " + flags);
        }
        if ((flags & TMSTARTRSCAN) == 0) {
            return NOTHING.clone(); // All were told when the scan began.
        }
        try {
            return session.prepared().toArray(Xid[]::new);
        } catch (JMSException e) {
            throw XaErrors.unavailable("asking for prepared branches", e);
        }
    }

    @Override
    public synchronized void forget(Xid xid) throws XAException {
        BranchXid named = named(xid);
        Outcome outcome;
        try {
            outcome = session.end(named, End.FORGET);
        } catch (JMSException e) {
            throw XaErrors.unavailable("forgetting branch " + named, e);
        }
        switch (outcome) {
            case DONE -> branches.remove(named);
            case UNKNOWN -> throw XaErrors.of(XAException.XAER_NOTA, "the broker keeps no branch " + named);
            default ->
                throw XaErrors.of(
                        XAException.XAER_PROTO, "branch " + named + " was not decided by hand, so it is not forgotten");
        }
    }

    // ---- the rest

    /** True for the same session alone: branches of two sessions are prepared one by one. */
    @Override
    public boolean isSameRM(XAResource other) {
        return other == this;
    }

    @Override
    public synchronized int getTransactionTimeout() {
        return timeoutSeconds;
    }

    /** Of branches that are started from now on and not prepared in time; 0 for none. */
    @Override
    public synchronized boolean setTransactionTimeout(int seconds) throws XAException {
        if (seconds < 0) {
            throw XaErrors.of(XAException.XAER_INVAL, "a time-out of " + seconds + " seconds");
        }
        timeoutSeconds = seconds;
        return true;
    }

    private void startTimer(Branch branch) {
        if (timeoutSeconds > 0) {
            branch.limit(session.nanos() + TimeUnit.SECONDS.toNanos(timeoutSeconds));
            lookLater(TimeUnit.SECONDS.toMillis(timeoutSeconds));
        }
    }

    /** One timer for all branches, that keeps a session that was closed from being forgotten for seconds at most. */
    private void lookLater(long millis) {
        if (!looking) {
            looking = true;
            session.later(this::look, Math.max(1, Math.min(millis, LOOK_MILLIS_MAX)));
        }
    }

    private synchronized void look() {
        looking = false;
        long next = Long.MAX_VALUE;
        for (Branch branch : List.copyOf(branches.values())) {
            long left = branch.isLimited() ? branch.leftNanos(session.nanos()) : Long.MAX_VALUE;
            if (left <= 0) {
                timeOut(branch);
            } else {
                next = Math.min(next, left);
            }
        }
        if (next != Long.MAX_VALUE) {
            lookLater(TimeUnit.NANOSECONDS.toMillis(next) + 1);
        }
    }

    /** What is ended gives back its messages now; what the session is in does so when the transaction manager says so. */
    private void timeOut(Branch branch) {
        branch.rollbackOnly(XAException.XA_RBTIMEOUT);
        if (branch != current && !branch.isGivenBack) {
            try {
                branch.work.rollback();
                branch.isGivenBack = true;
            } catch (JMSException e) {
                LOG.warn("branch {} was not prepared in time, and is rolled back later: {}", branch.xid, e.toString());
            }
        }
    }

    /** The session is closed: what is not prepared is rolled back with it. */
    public synchronized void closed() {
        current = null;
        branches.values()
                .removeIf(branch -> branch.state != Branch.State.PREPARED && branch.state != Branch.State.UNKNOWN);
    }

    private static BranchXid named(Xid xid) throws XAException {
        try {
            return BranchXid.of(xid);
        } catch (IllegalArgumentException e) {
            throw XaErrors.of(XAException.XAER_INVAL, e.getMessage(), e);
        }
    }

    private Branch known(BranchXid named) throws XAException {
        Branch branch = branches.get(named);
        if (branch == null) {
            throw XaErrors.of(XAException.XAER_NOTA, "branch " + named + " is not known to this session");
        }
        return branch;
    }

    private static void require(Branch branch, Branch.State state, String what) throws XAException {
        if (branch.state != state) {
            throw wrongState(branch, what);
        }
    }

    private static XAException wrongState(Branch branch, String what) {
        return XaErrors.of(
                XAException.XAER_PROTO,
                what + ": branch " + branch.xid + " is "
                        + branch.state.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    }

    private void refuseRolledBack(Branch branch) throws XAException {
        if (branch.state == Branch.State.ROLLBACK_ONLY) {
            throw rolledBack(branch);
        }
    }

    private static XAException rolledBack(Branch branch) {
        return XaErrors.of(
                branch.rollbackReason,
                "branch " + branch.xid
                        + (branch.rollbackReason == XAException.XA_RBTIMEOUT
                                ? " was not prepared in time and is rolled back"
                                : " is rolled back"));
    }

    @Override
    public String toString() {
        return "XAResource of " + session;
    }
}
