package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.storage.log.LogException;
import java.io.IOException;
import java.util.List;

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

    /** A settlement that is not told apart from its repetition. */
    public static final long NO_SEQUENCE = -1;

    private static final OffsetRanges NOTHING = new OffsetRanges();

    private final PartitionDelivery delivery;
    private final GroupState state;
    /** Made with the first consumer: most groups of ten thousand queues have none. */
    private ConsumerRing ring;

    private boolean pumping;
    private boolean pumpAgain;
    private boolean pumpQueued;
    private boolean retryQueued;
    /** Nothing more was acquired because too much is in flight. */
    private boolean limited;
    /** Sessions of before the restart hold records, which come first if they do not come back: nothing new goes yet. */
    private boolean awaiting;

    private boolean ended;
    private long pushedTotal;
    /** Made when the group first stands still. */
    private StandstillWatch watch;

    /** Why a pass ended. */
    private enum PassEnd {
        NOTHING_AVAILABLE,
        NOBODY_TAKES,
        BUDGET_SPENT
    }

    SharePartition(PartitionDelivery delivery, GroupState state) {
        this.delivery = delivery;
        this.state = state;
    }

    public GroupSpec spec() {
        return state.spec;
    }

    GroupState state() {
        return state;
    }

    // ---- consumers

    /** Adds a consumer and pushes to it what its credit allows. */
    public void attach(DeliveryConsumer consumer) {
        if (ended || delivery.failure().isPresent()) {
            consumer.ended(
                    ended ? DeliveryConsumer.EndReason.GROUP_DELETED : DeliveryConsumer.EndReason.FAILED,
                    "group " + spec().groupId() + " on " + delivery + " is not served");
            return;
        }
        if (ring == null) {
            ring = new ConsumerRing();
        }
        ring.add(consumer);
        heardOf(consumer.session());
        pump();
    }

    /**
     * Takes a consumer away; no call of it follows. What it acquired stays with its session.
     *
     * @param neverHandedOut goes back to available, uncounted where not marked; ranges that the session does not hold
     *     are left alone
     */
    public void detach(DeliveryConsumer consumer, OffsetRanges neverHandedOut) {
        if (ring != null && ring.remove(consumer) && ring.size() == 0) {
            ring = null;
        }
        GroupSession session = state.session(consumer.session());
        // Only what is acquired goes into the ledger: there, what is in doubt is acquired too.
        OffsetRanges back = session == null || !working()
                ? NOTHING
                : neverHandedOut.without(state.notHeld(session, neverHandedOut));
        if (!back.isEmpty()) {
            if (logged()) {
                held(LedgerEntry.RELEASED, session.key).putRanges(back);
            }
            state.release(session, back, FlightTable.ACQUIRED, false);
            pump();
        }
    }

    /** The consumer has got credit, or its connection has become writable. */
    public void wake(DeliveryConsumer consumer) {
        if (ring != null) {
            ring.wake(consumer);
            pump();
        }
    }

    /** Pushes what is available now, up to the credit, then calls {@link DeliveryConsumer#drained}. */
    public void drain(DeliveryConsumer consumer, int drainId) {
        ConsumerRing.Attached attached = ring == null ? null : ring.find(consumer);
        if (attached != null) {
            attached.drainId = drainId;
            ring.queue(attached);
            pump();
        }
    }

    int consumers() {
        return ring == null ? 0 : ring.size();
    }

    // ---- pushing

    /** Pushes what is available to those who have credit; run to completion, within a budget of bytes. */
    void pump() {
        if (pumping) {
            pumpAgain = true;
            return;
        }
        if (ring == null || !working()) {
            return;
        }
        pumping = true;
        try {
            PassEnd end;
            do {
                pumpAgain = false;
                end = pass();
            } while (pumpAgain && end != PassEnd.BUDGET_SPENT);
            afterPass(end);
        } finally {
            pumping = false;
        }
    }

    private void afterPass(PassEnd end) {
        if (end == PassEnd.BUDGET_SPENT) {
            if (!pumpQueued) {
                pumpQueued = true;
                delivery.partition().owner().execute(() -> {
                    pumpQueued = false;
                    delivery.run(this::pump);
                });
            }
            return;
        }
        if (ring == null) {
            return;
        }
        if (end == PassEnd.NOTHING_AVAILABLE && standstill() != null) {
            if (watch == null) {
                watch = new StandstillWatch(this, delivery);
            }
            watch.standing(pushedTotal);
        }
        for (ConsumerRing.Attached attached : ring.draining()) {
            boolean outOfCredit = attached.consumer.creditMessages() <= 0 || attached.consumer.creditBytes() <= 0;
            if ((end == PassEnd.NOTHING_AVAILABLE && !awaiting) || outOfCredit) {
                int drainId = attached.drainId;
                attached.drainId = 0;
                attached.consumer.drained(drainId);
            }
        }
    }

    /** What the group waits for although it has records and somebody who takes them; null when it does not. */
    String standstill() {
        long fresh = delivery.partition().lastStableOffset() - state.nextOffset();
        if (ring == null
                || !working()
                || (fresh <= 0 && state.table.availableRecords() == 0)
                || ring.readyCount(1) == 0) {
            return null;
        }
        if (delivery.stalled()) {
            return "its ledger takes nothing";
        }
        if (awaiting) {
            return "sessions of before the restart may come back to what they hold";
        }
        if (state.table.availableRecords() == 0 && mayAcquireNew() <= 0) {
            return state.table.records() + " records are not settled, the limit: consumers do not acknowledge, or the"
                    + " disk does not force";
        }
        return "records at " + state.nextOffset() + " cannot be read";
    }

    long pushedTotal() {
        return pushedTotal;
    }

    String describe() {
        return "group " + spec().groupId() + " of " + delivery + ", " + statistics() + ",";
    }

    private PassEnd pass() {
        long budget = delivery.config().passBytes();
        int turnsLeft = 0;
        int share = 0;
        while (budget > 0) {
            if (ring == null || !working() || delivery.stalled() || !anythingAvailable()) {
                return PassEnd.NOTHING_AVAILABLE;
            }
            ConsumerRing.Attached attached = ring.next();
            if (attached == null) {
                return PassEnd.NOBODY_TAKES;
            }
            if (turnsLeft == 0) {
                turnsLeft = takers();
                share = share(turnsLeft);
            }
            turnsLeft--;
            try {
                int pushed = push(attached, share);
                if (pushed < 0) {
                    if (delivery.working()) {
                        nothingRead();
                    }
                    return PassEnd.NOTHING_AVAILABLE;
                }
                budget -= pushed;
            } catch (IOException e) {
                ring.queueFirst(attached);
                readFailed(e);
                return PassEnd.NOTHING_AVAILABLE;
            }
        }
        return PassEnd.BUDGET_SPENT;
    }

    private boolean anythingAvailable() {
        return state.table.availableRecords() > 0 || mayAcquireNew() > 0;
    }

    /** New records that are committed and that the limit of records in flight allows to be acquired. */
    private long mayAcquireNew() {
        if (awaiting) {
            return 0;
        }
        long fresh = delivery.partition().lastStableOffset() - state.nextOffset();
        long room = delivery.config().inFlightRecordsMax() - state.table.records();
        limited |= fresh > 0 && room <= 0;
        return Math.min(fresh, room);
    }

    /** Records were settled: room for others, if that was what lacked. */
    void roomMade() {
        if (limited) {
            limited = false;
            pump();
        }
    }

    /** Gives one consumer its share; bytes pushed, or -1 when there was nothing after all. */
    private int push(ConsumerRing.Attached attached, int share) throws IOException {
        DeliveryConsumer consumer = attached.consumer;
        Acquirer acquirer = delivery.context().acquirer();
        long progressBefore = state.nextOffset() + state.expiredTotal;
        acquirer.begin(Math.min(share, consumer.creditMessages()), consumer.creditBytes(), delivery.rules(spec()));
        GroupSession session = state.sessionOrNew(consumer.session());
        redeliver(acquirer, session);
        if (!acquirer.anything() && state.table.availableRecords() == 0) {
            acquireNew(acquirer, session);
        }
        if (!acquirer.anything()) {
            forgetIfIdle(session);
            ring.queueFirst(attached);
            // All that was looked at was settled unseen: go on, unless nothing moved.
            return state.nextOffset() + state.expiredTotal == progressBefore ? -1 : 0;
        }
        Delivery pushed = acquirer.delivery();
        int bytes = pushed.sizeBytes();
        delivery.pushed(pushed.messages(), bytes);
        pushedTotal += pushed.messages();
        ring.queue(attached);
        consumer.deliver(pushed);
        return bytes;
    }

    private long available() {
        return state.table.availableRecords() + Math.max(0, mayAcquireNew());
    }

    /** Consumers that will take part in a round, the one whose turn it is included. */
    private int takers() {
        return 1 + (ring.size() == 1 ? 0 : ring.readyCount((int) Math.min(available() - 1, Integer.MAX_VALUE)));
    }

    /** A fair part of what is there, so that the first in turn does not take what others could work on. */
    private int share(int takers) {
        return (int) Math.max(1, Math.min((available() + takers - 1) / takers, Integer.MAX_VALUE));
    }

    private void redeliver(Acquirer acquirer, GroupSession session) throws IOException {
        long logStart = delivery.partition().log().startOffset();
        for (int index = state.lowestAvailable(); index >= 0 && acquirer.wantsMore(); index = state.lowestAvailable()) {
            long first = state.table.first(index);
            long last = state.table.last(index);
            if (first < logStart) {
                // Retention has taken these; nobody can get them any more.
                passUnseen(OffsetRanges.of(first, Math.min(last, logStart - 1)));
                continue;
            }
            acquirer.beginRange();
            long reached = acquirer.collect(
                    delivery.partition(),
                    first,
                    last + 1,
                    FlightTable.count(state.table.metaAt(index)),
                    delivery.averageRecordBytes());
            if (reached == first) {
                return;
            }
            OffsetRanges gone = OffsetRanges.of(first, reached - 1).without(acquirer.acquired());
            if (!gone.isEmpty()) {
                passUnseen(gone);
            }
            acquire(session, acquirer.acquired());
        }
    }

    private void acquireNew(Acquirer acquirer, GroupSession session) throws IOException {
        state.skipTo(delivery.partition().log().startOffset());
        long from = state.nextOffset();
        long fresh = mayAcquireNew();
        if (fresh <= 0) {
            return;
        }
        acquirer.beginRange();
        long reached = acquirer.collect(delivery.partition(), from, from + fresh, 0, delivery.averageRecordBytes());
        // In this order: what is passed may lie above what is acquired, and moves the next offset.
        acquire(session, acquirer.acquired());
        if (!acquirer.passed().isEmpty()) {
            passUnseen(acquirer.passed());
        }
        state.skipTo(reached);
        if (state.table.isEmpty()) {
            delivery.settledMoved();
        }
    }

    private void acquire(GroupSession session, OffsetRanges ranges) {
        if (ranges.isEmpty()) {
            return;
        }
        for (int i = 0; i < ranges.size(); i++) {
            state.acquire(session, ranges.first(i), ranges.last(i));
        }
        if (logged()) {
            held(LedgerEntry.ACQUIRED, session.key).putRanges(ranges);
        }
    }

    /** Settles without a consumer. Ranges at or above the next offset move it. */
    private void passUnseen(OffsetRanges ranges) {
        if (logged()) {
            LedgerEntry.passed(delivery.writer().entry(), state.number, ranges);
        }
        state.pass(ranges);
        delivery.settledMoved();
    }

    private void readFailed(IOException failure) {
        if (failure instanceof LogException refusal && refusal.reason() == LogException.Reason.OFFLINE) {
            delivery.broken(failure);
            return;
        }
        delivery.context().log().warn("cannot read {} for group {}", delivery, spec().groupId(), failure);
        retryLater();
    }

    /** Below the high watermark something must be found: nobody else would look again. */
    private void nothingRead() {
        delivery.context()
                .log()
                .warn(
                        "{} has nothing to read at {}, although records of group {} are available: {}",
                        delivery,
                        state.nextOffset(),
                        spec().groupId(),
                        statistics());
        retryLater();
    }

    private void retryLater() {
        if (!retryQueued) {
            retryQueued = true;
            delivery.partition()
                    .owner()
                    .schedule(
                            () -> {
                                retryQueued = false;
                                delivery.run(this::pump);
                            },
                            delivery.config().retryMillis() * 1_000_000L);
        }
    }

    // ---- settling

    /**
     * The application has begun to get these records: they count as delivered. Logged with the turn, not waited for;
     * what the session does not hold is left alone.
     */
    public void mark(SessionKey key, OffsetRanges ranges) {
        GroupSession session = heardOf(key);
        OffsetRanges marked = session == null || !working() ? NOTHING : ranges.without(state.notHeld(session, ranges));
        if (!marked.isEmpty()) {
            if (logged()) {
                held(LedgerEntry.MARKED, key).putRanges(marked);
            }
            state.mark(session, marked);
        }
    }

    /**
     * Settles what the session holds; the rest is reported as lost.
     *
     * @param sequence of the session, growing; one that was seen before is answered with the outcome of the first
     *     time, one that the ledger refused may be repeated at any time. All that one request says about this group
     *     must come in one call. {@link #NO_SEQUENCE} is not told from its repetition.
     * @param callback called once; when only releases are asked for it does not wait for the disk
     */
    public void settle(SessionKey key, long sequence, Settlements settlements, SettleCallback callback) {
        if (!working()) {
            callback.done(null, delivery.notWorking(ended, spec()));
            return;
        }
        GroupSession session = heardOf(key);
        if (session == null) {
            OffsetRanges lost = new OffsetRanges().addAll(settlements.accepted());
            callback.done(
                    new SettleOutcome(lost.addAll(settlements.released()).addAll(settlements.releasedCounted())), null);
            return;
        }
        if (session.seen(sequence) && !holdsAny(session, settlements.accepted())) {
            repeat(session.outcomeOf(sequence), callback);
            return;
        }
        OffsetRanges lost = state.notHeld(session, settlements.accepted());
        lost.addAll(state.notHeld(session, settlements.released()));
        lost.addAll(state.notHeld(session, settlements.releasedCounted()));
        Settlements done = settlements.disjoint().without(lost);
        settleHeld(session, sequence, done, lost, FlightTable.ACQUIRED, callback);
    }

    /**
     * What was accepted is never held again: who still holds it was refused the first time, though later settlements
     * of the session were taken.
     */
    private boolean holdsAny(GroupSession session, OffsetRanges ranges) {
        return !ranges.isEmpty() && state.notHeld(session, ranges).count() < ranges.count();
    }

    /** The first time's outcome, when that is durable. */
    private void repeat(SettleOutcome outcome, SettleCallback callback) {
        if (!logged()) {
            callback.done(outcome, null);
            return;
        }
        delivery.awaitAll(failure -> callback.done(failure == null ? outcome : null, failure));
    }

    /**
     * A session has come back and says what it has of what was pushed to it: that counts as delivered and stays with it,
     * the rest was lost on the way and goes back, counted where it was marked.
     *
     * @return the part of {@code kept} that is not the session's any more
     */
    public OffsetRanges hold(SessionKey key, OffsetRanges kept) {
        GroupSession session = heardOf(key);
        if (session == null || !working()) {
            return kept;
        }
        OffsetRanges lost = state.notHeld(session, kept);
        OffsetRanges unmarked = state.acquired(session, true);
        unmarked = unmarked.without(unmarked.without(kept));
        if (!unmarked.isEmpty()) {
            mark(key, unmarked);
        }
        OffsetRanges back = state.acquired(session, false).without(kept);
        if (!back.isEmpty()) {
            if (logged()) {
                held(LedgerEntry.RELEASED, session.key).putRanges(back);
            }
            state.release(session, back, FlightTable.ACQUIRED, false);
            pump();
        }
        return lost;
    }

    private void settleHeld(
            GroupSession session,
            long sequence,
            Settlements done,
            OffsetRanges lost,
            int fromState,
            SettleCallback callback) {
        state.move(session, done.accepted(), fromState, FlightTable.SETTLING);
        state.move(session, done.released(), fromState, FlightTable.SETTLING);
        state.move(session, done.releasedCounted(), fromState, FlightTable.SETTLING);
        Settling settling = new Settling(this, session, sequence, done, lost, callback);
        session.settled(sequence, lost);
        if (!logged()) {
            settling.appended();
            settling.followUp();
            settling.durable();
            return;
        }
        EntryBuffer out = delivery.writer().entry();
        int from = out.position();
        LedgerEntry.settled(out, state.number, session.key, sequence, done, lost);
        delivery.writer().await(from, fromState == FlightTable.IN_DOUBT, settling);
    }

    /**
     * First step of a commit over several logs: puts what a session holds in doubt. Nothing is logged: after a crash
     * it is acquired again.
     *
     * @throws AcquisitionLostException when the session does not hold all of it; nothing has changed then
     */
    public PreparedSettlement prepareSettle(SessionKey key, OffsetRanges ranges) throws AcquisitionLostException {
        GroupSession session = heardOf(key);
        OffsetRanges lost = working() ? state.notHeld(session, ranges) : ranges;
        if (!lost.isEmpty()) {
            throw new AcquisitionLostException(spec().groupId(), key, lost);
        }
        state.move(session, ranges, FlightTable.ACQUIRED, FlightTable.IN_DOUBT);
        return new PreparedSettlement(key, ranges);
    }

    /**
     * Second step, after the commit's decision is durable: accepts what was prepared. A full disk does not refuse it:
     * the entry is tried again until the ledger takes it.
     */
    public void commitSettle(PreparedSettlement prepared, long sequence, SettleCallback callback) {
        prepared.finish();
        if (!working()) {
            callback.done(null, delivery.notWorking(ended, spec()));
            return;
        }
        GroupSession session = state.sessionOrNew(prepared.session());
        settleHeld(
                session,
                sequence,
                Settlements.accept(prepared.ranges()),
                new OffsetRanges(),
                FlightTable.IN_DOUBT,
                callback);
    }

    /** Second step when the commit is off: back to the session, or to available when that is over. */
    public void rollbackSettle(PreparedSettlement prepared) {
        prepared.finish();
        GroupSession session = state.session(prepared.session());
        if (session != null && working()) {
            giveBack(session, prepared.ranges(), FlightTable.IN_DOUBT);
            pump();
        }
    }

    /** Back to the session, or to available when that is over. */
    void giveBack(GroupSession session, OffsetRanges ranges, int fromState) {
        if (session.ended) {
            // The ledger has the session's end, which released them there already.
            state.release(session, ranges, fromState, false);
            state.forgetIfDone(session);
        } else {
            state.move(session, ranges, fromState, FlightTable.ACQUIRED);
        }
    }

    /** True when the session has accepted these here under this sequence. */
    public boolean hasSettled(SessionKey key, long sequence, OffsetRanges accepted) {
        GroupSession session = heardOf(key);
        return session != null && session.seen(sequence) && !holdsAny(session, accepted);
    }

    /**
     * Recovery of a decided commit: accepts {@code ranges} whatever their state (they were in doubt when the commit was
     * decided). Idempotent. To be called after a restart before the session's grace is over.
     */
    public void reapplySettle(SessionKey key, long sequence, OffsetRanges ranges, SettleCallback callback) {
        if (!working()) {
            callback.done(null, delivery.notWorking(ended, spec()));
            return;
        }
        if (!logged()) {
            callback.done(SettleOutcome.COMPLETE, null);
            return;
        }
        EntryBuffer out = delivery.writer().entry();
        int from = out.position();
        LedgerEntry.settledAny(out, state.number, key, sequence, ranges);
        state.settledTotal += state.settleAny(ranges);
        GroupSession session = state.session(key);
        if (session != null) {
            session.settled(sequence, NOTHING);
        }
        delivery.writer().await(from, true, PartitionDelivery.waiter(failure -> {
            delivery.settledMoved();
            callback.done(failure == null ? SettleOutcome.COMPLETE : null, failure);
            roomMade();
        }));
    }

    /** Accepts everything that is available now; what is acquired is left to its sessions. */
    public void purge(SettleCallback callback) {
        if (!working()) {
            callback.done(null, delivery.notWorking(ended, spec()));
            return;
        }
        OffsetRanges all = new OffsetRanges();
        for (int i = 0; i < state.table.size(); i++) {
            if (FlightTable.state(state.table.metaAt(i)) == FlightTable.AVAILABLE) {
                all.add(state.table.first(i), state.table.last(i));
            }
        }
        long end = delivery.partition().highWatermark();
        if (end > state.nextOffset()) {
            all.add(state.nextOffset(), end - 1);
        }
        if (all.isEmpty()) {
            callback.done(SettleOutcome.COMPLETE, null);
            return;
        }
        // A holder that is no session: nobody else gets the records while the ledger has not confirmed.
        GroupSession purge = new GroupSession(new SessionKey(0, 0));
        purge.ended = true;
        for (int i = 0; i < all.size(); i++) {
            state.acquire(purge, all.first(i), all.last(i));
        }
        state.move(purge, all, FlightTable.ACQUIRED, FlightTable.SETTLING);
        Settling settling = new Settling(this, purge, NO_SEQUENCE, Settlements.accept(all), NOTHING, callback);
        if (!logged()) {
            settling.appended();
            settling.followUp();
            settling.durable();
            return;
        }
        EntryBuffer out = delivery.writer().entry();
        int from = out.position();
        LedgerEntry.settledAny(out, state.number, null, NO_SEQUENCE, all);
        delivery.writer().await(from, false, settling);
    }

    // ---- sessions and the end

    void sessionEnded(SessionKey key) {
        if (ring != null) {
            for (DeliveryConsumer consumer : ring.consumers()) {
                if (consumer.session().equals(key)) {
                    ring.remove(consumer);
                }
            }
        }
        GroupSession session = state.session(key);
        if (session != null && working()) {
            if (logged()) {
                held(LedgerEntry.SESSION_ENDED, key);
            }
            state.endSession(session);
            lookForAwaited();
            pump();
        }
    }

    /** After the restart, when sessions may come back. */
    void awaitSessions() {
        awaiting = state.awaitedHold();
    }

    private void lookForAwaited() {
        if (awaiting && !state.awaitedHold()) {
            awaiting = false;
            delivery.partition().owner().execute(() -> delivery.run(this::pump));
        }
    }

    /** The session lives: what it holds from before a restart stays with it. Null when it is not known here. */
    GroupSession heardOf(SessionKey key) {
        GroupSession session = state.session(key);
        if (session != null) {
            session.awaited = false;
            lookForAwaited();
        }
        return session;
    }

    /** The grace is over: sessions of before the restart that nobody has heard of. */
    void endAwaited() {
        for (GroupSession session : state.sessions()) {
            if (session.awaited) {
                sessionEnded(session.key);
            }
        }
        lookForAwaited();
    }

    /** True while a session holds records here (unsubscribe is refused then, rule 15). */
    public boolean anythingHeld() {
        return state.table.heldRecords() > 0;
    }

    public GroupStatistics statistics() {
        long fresh = Math.max(0, delivery.partition().highWatermark() - state.nextOffset());
        return new GroupStatistics(
                spec().groupId(),
                state.table.availableRecords() + fresh,
                state.table.heldRecords(),
                state.settledTotal,
                state.expiredTotal,
                consumers());
    }

    /** Consumers are told and nothing is pushed any more. */
    void end(DeliveryConsumer.EndReason reason, String message) {
        ended = true;
        List<DeliveryConsumer> told = ring == null ? List.of() : ring.consumers();
        ring = null;
        for (DeliveryConsumer consumer : told) {
            try {
                consumer.ended(reason, message);
            } catch (RuntimeException | VirtualMachineError | AssertionError e) {
                // The others must hear of it all the same.
                delivery.context().log().error("{}: a consumer could not be told of its end", this, e);
            }
        }
    }

    /** A deletion that the ledger refused. */
    void revive() {
        ended = false;
    }

    private boolean working() {
        return !ended && delivery.working();
    }

    PartitionDelivery delivery() {
        return delivery;
    }

    private void forgetIfIdle(GroupSession session) {
        if (session.heldRecords == 0 && session.lastSequence == NO_SEQUENCE) {
            state.forget(session);
        }
    }

    private boolean logged() {
        return spec().kind().logged();
    }

    private EntryBuffer held(int type, SessionKey session) {
        return LedgerEntry.held(delivery.writer().entry(), type, state.number, session);
    }

    @Override
    public String toString() {
        return spec().groupId() + " on " + delivery + " " + state.table;
    }

    /** For error messages and owners of several groups. */
    Partition partition() {
        return delivery.partition();
    }
}
