package io.penstock.broker.delivery;

import io.penstock.protocol.message.CommitTerm;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What has happened to each record for one group: the pure state, changed alike by live operations and by replay of
 * the ledger. Knows no time, no disk and no consumers.
 *
 * <pre>
 *  0 ........ startOffset ............ nextOffset ............ high watermark
 *    settled      runs of the table,      never looked at
 *                 passed over: available, never acquired;
 *                 what is in neither is settled
 * </pre>
 */
final class GroupState {

    private static final OffsetRanges NOTHING = new OffsetRanges();

    final GroupSpec spec;
    /** Names the group in the ledger of its partition; never used again. */
    final int number;

    final FlightTable table = new FlightTable();
    /** Of commits over several brokers. */
    final Doubts doubts = new Doubts();

    private Map<SessionKey, GroupSession> sessions;
    /** Records below the next offset that no selector wanted so far. */
    OffsetSet passedOver = new OffsetSet();

    /** What was settled and was made available again; pruned below the start offset. */
    OffsetSet replayed = new OffsetSet();

    private long nextOffset;
    /** The lowest offset that was given back since {@link #takeReturnedFrom}. */
    private long returnedFrom = Long.MAX_VALUE;

    /** What was given back counted since {@link #takeFailed}; null while nobody asks. */
    private OffsetRanges failed;

    /** The lowest offset at which something that has expired may be available; see {@link ExpirySweep}. */
    private long sweepFrom = Long.MAX_VALUE;

    long settledTotal;
    long expiredTotal;

    GroupState(int number, GroupSpec spec) {
        this.number = number;
        this.spec = spec;
        this.nextOffset = spec.startOffset();
    }

    /** Everything below is settled. */
    long startOffset() {
        long least = table.isEmpty() ? nextOffset : table.first(0);
        return passedOver.isEmpty() ? least : Math.min(least, passedOver.next(0));
    }

    /** First offset that nobody has looked at: neither acquired nor passed over. */
    long nextOffset() {
        return nextOffset;
    }

    /** Skips what needs no settling: gaps, control batches. */
    void skipTo(long offset) {
        nextOffset = Math.max(nextOffset, offset);
    }

    GroupSession session(SessionKey key) {
        return sessions == null ? null : sessions.get(key);
    }

    GroupSession sessionOrNew(SessionKey key) {
        if (sessions == null) {
            sessions = new HashMap<>();
        }
        return sessions.computeIfAbsent(key, GroupSession::new);
    }

    List<GroupSession> sessions() {
        return sessions == null ? new ArrayList<>() : new ArrayList<>(sessions.values());
    }

    /** Holders that stand for undecided transactions. */
    List<GroupSession> parked() {
        List<GroupSession> parked = sessions();
        parked.removeIf(session -> !session.key.parked());
        return parked;
    }

    /** True while a session of before the restart, not heard of since, holds records. */
    boolean awaitedHold() {
        if (sessions != null) {
            for (GroupSession session : sessions.values()) {
                if (session.awaited && !session.ended && session.heldRecords > 0) {
                    return true;
                }
            }
        }
        return false;
    }

    int sessionCount() {
        return sessions == null ? 0 : sessions.size();
    }

    /** Nobody who looked wanted these: they stay available. At or above the next offset they move it. */
    void passOver(OffsetRanges ranges) {
        for (int i = 0; i < ranges.size(); i++) {
            passedOver.add(ranges.first(i), ranges.last(i));
            nextOffset = Math.max(nextOffset, ranges.last(i) + 1);
        }
    }

    /** Acquires what is available or new in a range. */
    void acquire(GroupSession session, long first, long last) {
        session.heldFrom = Math.min(session.heldFrom, first);
        if (first < nextOffset) {
            acquirePassedOver(session, first, Math.min(last, nextOffset - 1));
            int from = table.split(first);
            int to = table.split(Math.min(last, nextOffset - 1) + 1);
            for (int i = from; i < to; i++) {
                if (FlightTable.state(table.metaAt(i)) == FlightTable.AVAILABLE) {
                    int count = FlightTable.count(table.metaAt(i));
                    table.set(i, FlightTable.meta(FlightTable.ACQUIRED, false, count), session);
                }
            }
            table.join(from, to);
        }
        if (last >= nextOffset) {
            table.add(Math.max(first, nextOffset), last, FlightTable.meta(FlightTable.ACQUIRED, false, 0), session);
            nextOffset = last + 1;
        }
    }

    private void acquirePassedOver(GroupSession session, long first, long last) {
        for (long from = passedOver.next(first); from <= last; from = passedOver.next(from)) {
            long to = Math.min(last, passedOver.runEnd(from));
            passedOver.remove(from, to);
            table.add(from, to, FlightTable.meta(FlightTable.ACQUIRED, false, 0), session);
        }
    }

    /** The part of {@code ranges} that the session does not hold as acquired. */
    OffsetRanges notHeld(GroupSession session, OffsetRanges ranges) {
        OffsetRanges lost = new OffsetRanges();
        for (int r = 0; r < ranges.size(); r++) {
            long offset = ranges.first(r);
            long last = ranges.last(r);
            for (int i = table.find(offset); offset <= last; i++) {
                if (i == table.size() || table.first(i) > last) {
                    lost.add(offset, last);
                    break;
                }
                if (table.first(i) > offset) {
                    lost.add(offset, table.first(i) - 1);
                    offset = table.first(i);
                }
                long stop = Math.min(last, table.last(i));
                if (table.holder(i) != session
                        || session == null
                        || FlightTable.state(table.metaAt(i)) != FlightTable.ACQUIRED) {
                    lost.add(offset, stop);
                }
                offset = stop + 1;
            }
        }
        return lost;
    }

    /** What the session has acquired; only what is not marked if {@code unmarkedOnly}. */
    OffsetRanges acquired(GroupSession session, boolean unmarkedOnly) {
        OffsetRanges acquired = new OffsetRanges();
        for (int i = 0; i < table.size(); i++) {
            int meta = table.metaAt(i);
            if (table.holder(i) == session
                    && FlightTable.state(meta) == FlightTable.ACQUIRED
                    && !(unmarkedOnly && FlightTable.marked(meta))) {
                acquired.add(table.first(i), table.last(i));
            }
        }
        return acquired;
    }

    /** All that a session has, also what is settling or in doubt. */
    OffsetRanges held(GroupSession session) {
        OffsetRanges held = new OffsetRanges();
        for (int i = 0; i < table.size(); i++) {
            if (table.holder(i) == session) {
                held.add(table.first(i), table.last(i));
            }
        }
        return held;
    }

    /** Whether it still has any of these. */
    boolean holdsAny(GroupSession session, OffsetRanges ranges) {
        for (int r = 0; session.heldRecords > 0 && r < ranges.size(); r++) {
            for (int i = table.find(ranges.first(r)); i < table.size() && table.first(i) <= ranges.last(r); i++) {
                if (table.holder(i) == session) {
                    return true;
                }
            }
        }
        return false;
    }

    void mark(GroupSession session, OffsetRanges ranges) {
        change(session, ranges, FlightTable.ACQUIRED, (index, meta) -> table.set(index, markedOnceMore(meta), session));
    }

    /** A repeated mark is another hand-out: the client has taken the record back and handed it out again. */
    private static int markedOnceMore(int meta) {
        return FlightTable.marked(meta)
                ? FlightTable.meta(FlightTable.state(meta), true, FlightTable.count(meta) + 1)
                : meta | FlightTable.MARKED;
    }

    /** Acquired becomes settling or in doubt, or the reverse. */
    void move(GroupSession session, OffsetRanges ranges, int fromState, int toState) {
        change(
                session,
                ranges,
                fromState,
                (index, meta) -> table.set(
                        index, FlightTable.meta(toState, FlightTable.marked(meta), FlightTable.count(meta)), session));
    }

    /** Acquired becomes settling, if the session holds all of it; else nothing happens. */
    boolean beginSettling(GroupSession session, OffsetRanges ranges) {
        if (ranges.size() == 1
                && table.shift(ranges.first(0), ranges.last(0), session, FlightTable.ACQUIRED, FlightTable.SETTLING)) {
            return true;
        }
        if (!notHeld(session, ranges).isEmpty()) {
            return false;
        }
        move(session, ranges, FlightTable.ACQUIRED, FlightTable.SETTLING);
        return true;
    }

    /**
     * Gives back what is in {@code fromState}; counted where it was marked, or everywhere when {@code countAll}.
     */
    void release(GroupSession session, OffsetRanges ranges, int fromState, boolean countAll) {
        change(session, ranges, fromState, (index, meta) -> release(index, meta, countAll));
    }

    private void release(int index, int meta, boolean countAll) {
        boolean counted = countAll || FlightTable.marked(meta);
        int count = FlightTable.count(meta) + (counted ? 1 : 0);
        if (counted && failed != null) {
            failed.add(table.first(index), table.last(index));
        }
        returnedFrom = Math.min(returnedFrom, table.first(index));
        sweepFrom = Math.min(sweepFrom, table.first(index));
        table.set(index, FlightTable.meta(FlightTable.AVAILABLE, false, count), null);
    }

    /** Removes what is settling: it is durable now. */
    void finishSettling(GroupSession session, OffsetRanges ranges) {
        for (int r = 0; r < ranges.size(); r++) {
            int from = table.split(ranges.first(r));
            int to = table.split(ranges.last(r) + 1);
            for (int i = from; i < to; i++) {
                if (table.holder(i) != session || FlightTable.state(table.metaAt(i)) != FlightTable.SETTLING) {
                    throw new IllegalStateException("settling of " + ranges + " by " + session + " in " + table);
                }
            }
            table.remove(from, to);
        }
        settledTotal += ranges.count();
    }

    /**
     * Settles offsets whatever their state, also such as were never acquired; what a decided commit or an operator
     * asks. Returns how many were not settled before.
     */
    long settleAny(OffsetRanges ranges) {
        long settled = 0;
        for (int r = 0; r < ranges.size(); r++) {
            long first = ranges.first(r);
            long last = ranges.last(r);
            int from = table.split(first);
            int to = table.split(last + 1);
            for (int i = from; i < to; i++) {
                settled += table.last(i) - table.first(i) + 1;
            }
            table.remove(from, to);
            settled += passedOver.remove(first, last);
            if (last >= nextOffset) {
                if (first > nextOffset) {
                    passedOver.add(nextOffset, first - 1);
                }
                settled += last - Math.max(first, nextOffset) + 1;
                nextOffset = last + 1;
            }
        }
        return settled;
    }

    /**
     * What is settled at or above {@code from} is available again, as if nobody had ever had it, and is told apart.
     *
     * @param without what is about to be settled
     * @return how many offsets
     */
    long replay(long from, OffsetRanges without) {
        long before = passedOver.count();
        int run = table.find(from);
        for (long first = from; first < nextOffset; run++) {
            long end = run < table.size() ? Math.min(nextOffset, table.first(run)) : nextOffset;
            if (end > first) {
                OffsetRanges settled = OffsetRanges.of(first, end - 1)
                        .without(without)
                        .without(passedOver.ranges(first, end - 1, Integer.MAX_VALUE));
                for (int i = 0; i < settled.size(); i++) {
                    passedOver.add(settled.first(i), settled.last(i));
                    replayed.add(settled.first(i), settled.last(i));
                }
            }
            first = run < table.size() ? Math.max(first, table.last(run) + 1) : nextOffset;
        }
        return passedOver.count() - before;
    }

    /** What is being settled, and is not in the ledger as such. */
    OffsetRanges settling() {
        OffsetRanges settling = new OffsetRanges();
        for (int i = 0; i < table.size(); i++) {
            if (FlightTable.state(table.metaAt(i)) == FlightTable.SETTLING) {
                settling.add(table.first(i), table.last(i));
            }
        }
        return settling;
    }

    /** Settles without a consumer: expired, discarded, filtered. */
    void pass(OffsetRanges ranges) {
        for (int r = 0; r < ranges.size(); r++) {
            int from = table.split(ranges.first(r));
            int to = table.split(ranges.last(r) + 1);
            table.remove(from, to);
            passedOver.remove(ranges.first(r), ranges.last(r));
            nextOffset = Math.max(nextOffset, ranges.last(r) + 1);
        }
        expiredTotal += ranges.count();
    }

    /**
     * Gives back everything that a session has acquired, counted where marked, and forgets it, unless it has records
     * that are settling or in doubt: then {@link #forgetIfDone} does when they are decided.
     */
    void endSession(GroupSession session) {
        session.ended = true;
        int from = table.find(session.heldFrom);
        int to = from;
        for (long left = session.heldRecords; left > 0 && to < table.size(); to++) {
            if (table.holder(to) == session) {
                left -= table.last(to) - table.first(to) + 1;
                if (FlightTable.state(table.metaAt(to)) == FlightTable.ACQUIRED) {
                    release(to, table.metaAt(to), false);
                }
            }
        }
        table.join(from, to);
        forgetIfDone(session);
    }

    /** What the session holds of {@code ranges} is in doubt until {@link #endDoubt}. */
    void doubt(GroupSession session, long sequence, CommitTerm term, OffsetRanges ranges) {
        move(session, ranges, FlightTable.ACQUIRED, FlightTable.IN_DOUBT);
        doubts.add(new Doubts.Doubt(new Doubts.Key(session.key, sequence), term, ranges));
    }

    /** @param settled what was in doubt is gone; else it goes back to the session, or, when that is over, to available */
    void endDoubt(SessionKey key, long sequence, boolean settled) {
        Doubts.Doubt doubt = doubts.remove(key, sequence);
        GroupSession session = session(key);
        if (doubt == null || session == null) {
            return;
        }
        if (!settled && session.ended) {
            release(session, doubt.ranges, FlightTable.IN_DOUBT, false);
        } else if (!settled) {
            move(session, doubt.ranges, FlightTable.IN_DOUBT, FlightTable.ACQUIRED);
        }
        forgetIfDone(session);
    }

    /** What was in doubt is available, as a delivery that failed, whether its session is over or not. */
    void releaseDoubt(SessionKey key, long sequence) {
        Doubts.Doubt doubt = doubts.remove(key, sequence);
        GroupSession session = session(key);
        if (doubt != null && session != null) {
            release(session, doubt.ranges, FlightTable.IN_DOUBT, true);
            forgetIfDone(session);
        }
    }

    void forgetIfDone(GroupSession session) {
        if (session.ended && session.heldRecords == 0) {
            forget(session);
        }
    }

    void forget(GroupSession session) {
        if (sessions != null) {
            sessions.remove(session.key, session);
        }
    }

    /** Forgets what lies at or above {@code offset}: the records' log has lost it. Returns true when there was any. */
    boolean truncateTo(long offset) {
        int from = table.split(offset);
        boolean any = nextOffset > offset || from < table.size();
        table.remove(from, table.size());
        passedOver.remove(offset, Long.MAX_VALUE - 1);
        replayed.remove(offset, Long.MAX_VALUE - 1);
        nextOffset = Math.min(nextOffset, offset);
        return any;
    }

    /** From now on it is noted what is given back as a delivery that failed. */
    void noteFailed() {
        failed = new OffsetRanges();
    }

    /** What was given back counted since this was asked last; some of it may be held again. */
    OffsetRanges takeFailed() {
        if (failed == null || failed.isEmpty()) {
            return NOTHING;
        }
        OffsetRanges taken = failed;
        failed = new OffsetRanges();
        return taken;
    }

    /** Calls with each run of {@code ranges} that is available, and was held before. */
    void returned(OffsetRanges ranges, Returned each) {
        for (int r = 0; r < ranges.size(); r++) {
            for (int i = table.find(ranges.first(r)); i < table.size() && table.first(i) <= ranges.last(r); i++) {
                int meta = table.metaAt(i);
                if (FlightTable.state(meta) == FlightTable.AVAILABLE) {
                    each.run(
                            Math.max(table.first(i), ranges.first(r)),
                            Math.min(table.last(i), ranges.last(r)),
                            FlightTable.count(meta));
                }
            }
        }
    }

    /** Some of what a holder has acquired, from its first on. */
    OffsetRanges acquired(GroupSession holder, int records, OffsetRanges without) {
        OffsetRanges some = new OffsetRanges();
        long left = records;
        for (int i = table.find(holder.heldFrom); i < table.size() && left > 0; i++) {
            if (table.holder(i) == holder && FlightTable.state(table.metaAt(i)) == FlightTable.ACQUIRED) {
                OffsetRanges run =
                        OffsetRanges.of(table.first(i), table.last(i)).without(without);
                for (int r = 0; r < run.size() && left > 0; r++) {
                    long last = Math.min(run.last(r), run.first(r) + left - 1);
                    some.add(run.first(r), last);
                    left -= last - run.first(r) + 1;
                }
            }
        }
        return some;
    }

    /** The lowest offset that was given back since this was asked last, {@link Long#MAX_VALUE} for none. */
    long takeReturnedFrom() {
        long from = returnedFrom;
        returnedFrom = Long.MAX_VALUE;
        return from;
    }

    /** {@link Long#MAX_VALUE} when nothing is to be looked at. */
    long sweepFrom() {
        return sweepFrom;
    }

    void sweepFrom(long offset) {
        sweepFrom = Math.min(sweepFrom, offset);
    }

    void sweptTo(long offset) {
        sweepFrom = offset;
    }

    /** Records that are available and were looked at. */
    long availableRecords() {
        return table.availableRecords() + passedOver.count();
    }

    /** What was looked at and is nobody's. */
    OffsetRanges available() {
        OffsetRanges all = new OffsetRanges();
        for (int i = 0; i < table.size(); i++) {
            if (FlightTable.state(table.metaAt(i)) == FlightTable.AVAILABLE) {
                all.add(table.first(i), table.last(i));
            }
        }
        return all.addAll(passedOver.ranges(0, Long.MAX_VALUE - 1, Integer.MAX_VALUE));
    }

    /** Restores a run from a snapshot; runs come in order. */
    void restoreRun(long first, long last, int meta, GroupSession holder) {
        if (FlightTable.state(meta) == FlightTable.AVAILABLE) {
            returnedFrom = Math.min(returnedFrom, first);
        }
        if (holder != null) {
            holder.heldFrom = Math.min(holder.heldFrom, first);
        }
        table.add(first, last, meta, holder);
    }

    private void change(GroupSession session, OffsetRanges ranges, int state, RunChange change) {
        for (int r = 0; r < ranges.size(); r++) {
            int from = table.split(ranges.first(r));
            int to = table.split(ranges.last(r) + 1);
            for (int i = from; i < to; i++) {
                int meta = table.metaAt(i);
                if (table.holder(i) == session && session != null && FlightTable.state(meta) == state) {
                    change.apply(i, meta);
                }
            }
            table.join(from, to);
        }
    }

    /** Told of runs that are available again. */
    interface Returned {
        void run(long first, long last, int count);
    }

    /** Changes one run in place. */
    private interface RunChange {
        void apply(int index, int meta);
    }
}
