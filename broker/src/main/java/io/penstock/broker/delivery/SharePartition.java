package io.penstock.broker.delivery;

/**
 * One group on one partition: which records are available, acquired (by whom, how often), settling, settled or in
 * doubt. Owner thread only.
 *
 * <pre>
 *              acquire                 settle              durable
 *  available ----------> acquired ----------> settling ----------> settled
 *      ^                 |  |  ^                 | the ledger refused
 *      |     release     |  |  +-----------------+
 *      +-----------------+  | prepareSettle         commitSettle
 *      |                    +-------------> in doubt ----------> settling
 *      +---- rollbackSettle, when the session is over ----+
 * </pre>
 */
public final class SharePartition {

    private SharePartition() {}

    /** A settlement that is not told apart from its repetition. */
    public static final long NO_SEQUENCE = -1;

    public GroupSpec spec() {
        throw new UnsupportedOperationException();
    }

    /** Adds a consumer and pushes to it what its credit allows. */
    public void attach(DeliveryConsumer consumer) {
        throw new UnsupportedOperationException();
    }

    /**
     * Takes a consumer away; no call of it follows. What it acquired stays with its session.
     *
     * @param neverHandedOut goes back to available, uncounted where not marked; ranges that the session does not hold
     *     are left alone
     */
    public void detach(DeliveryConsumer consumer, OffsetRanges neverHandedOut) {
        throw new UnsupportedOperationException();
    }

    /** The consumer has got credit, or its connection has become writable. */
    public void wake(DeliveryConsumer consumer) {
        throw new UnsupportedOperationException();
    }

    /** Pushes what is available now, up to the credit, then calls {@link DeliveryConsumer#drained}. */
    public void drain(DeliveryConsumer consumer, int drainId) {
        throw new UnsupportedOperationException();
    }

    /**
     * The application has begun to get these records: they count as delivered. Logged with the turn, not waited for;
     * what the session does not hold is left alone.
     */
    public void mark(SessionKey session, OffsetRanges ranges) {
        throw new UnsupportedOperationException();
    }

    /**
     * Settles what the session holds; the rest is reported as lost.
     *
     * @param sequence of the session, growing; one that was seen before is answered with the outcome of the first
     *     time. All that one request says about this group must come in one call. {@link #NO_SEQUENCE} repeats.
     * @param callback called once; when only releases are asked for it does not wait for the disk
     */
    public void settle(SessionKey session, long sequence, Settlements settlements, SettleCallback callback) {
        throw new UnsupportedOperationException();
    }

    /**
     * First step of a commit over several logs: puts what a session holds in doubt. Nothing is logged: after a crash
     * it is acquired again.
     *
     * @throws AcquisitionLostException when the session does not hold all of it; nothing has changed then
     */
    public PreparedSettlement prepareSettle(SessionKey session, OffsetRanges ranges) throws AcquisitionLostException {
        throw new UnsupportedOperationException();
    }

    /** Second step, after the commit's decision is durable: accepts what was prepared. */
    public void commitSettle(PreparedSettlement prepared, long sequence, SettleCallback callback) {
        throw new UnsupportedOperationException();
    }

    /** Second step when the commit is off: back to the session, or to available when that is over. */
    public void rollbackSettle(PreparedSettlement prepared) {
        throw new UnsupportedOperationException();
    }

    /**
     * Recovery of a decided commit: accepts {@code ranges} whatever their state (they were in doubt when the commit was
     * decided). Idempotent. To be called after a restart before the session's grace is over.
     */
    public void reapplySettle(SessionKey session, long sequence, OffsetRanges ranges, SettleCallback callback) {
        throw new UnsupportedOperationException();
    }

    /** Accepts everything that is available now; what is acquired is left to its sessions. */
    public void purge(SettleCallback callback) {
        throw new UnsupportedOperationException();
    }

    /** True while a session holds records here (unsubscribe is refused then, rule 15). */
    public boolean anythingHeld() {
        throw new UnsupportedOperationException();
    }

    public GroupStatistics statistics() {
        throw new UnsupportedOperationException();
    }
}
