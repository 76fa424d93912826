package io.penstock.jms.xa;

import io.penstock.jms.client.BranchXid;

/**
 * One branch as its resource knows it.
 *
 * <pre>
 *            start            end SUCCESS         prepare
 *   (none) ---------> ACTIVE -------------> IDLE ---------> PREPARED ---> (none)
 *                     |    ^                 | \               commit, rollback
 *         end SUSPEND |    | start RESUME    |  \ commit one-phase, rollback, prepare of nothing
 *                     v    |      start JOIN |   +-----------------------> (none)
 *                   SUSPENDED <--------------+ (to ACTIVE)
 *
 *   end FAIL, time-out: ROLLBACK_ONLY, until it is rolled back
 *   an answer that was lost: UNKNOWN, until the broker has told
 * </pre>
 */
final class Branch {

    /** Where it is on its way. */
    enum State {
        ACTIVE,
        SUSPENDED,
        IDLE,
        ROLLBACK_ONLY,
        PREPARED,
        UNKNOWN
    }

    final BranchXid xid;
    final XaWork work;
    State state = State.ACTIVE;
    /** An XA_RB code: why it can only be rolled back. */
    int rollbackReason;
    /** What the session was handed for it has gone back already. */
    boolean isGivenBack;

    private boolean limited;
    private long deadlineNanos;

    Branch(BranchXid xid, XaWork work) {
        this.xid = xid;
        this.work = work;
    }

    /** It must be prepared until then. */
    void limit(long untilNanos) {
        limited = true;
        deadlineNanos = untilNanos;
    }

    /** Whether its time may run out. */
    boolean isLimited() {
        return limited && !isGivenBack && state != State.PREPARED && state != State.UNKNOWN;
    }

    long leftNanos(long nowNanos) {
        return deadlineNanos - nowNanos;
    }

    void rollbackOnly(int reason) {
        if (state != State.ROLLBACK_ONLY) {
            state = State.ROLLBACK_ONLY;
            rollbackReason = reason;
        }
    }
}
