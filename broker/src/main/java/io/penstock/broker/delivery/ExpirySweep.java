package io.penstock.broker.delivery;

import io.penstock.storage.log.LogException;
import java.io.IOException;
import java.util.List;

/**
 * Takes records whose time is over out of the groups of a partition, within a second, also where no consumer is there or
 * wants them: they are settled unseen, or leave for the expiry address. {@link OrderSurvey} tells who expires when; nothing
 * runs before the first of them does. What a session holds is left alone until it comes back; what was looked at is
 * decided by {@link RecordGate}, as for a push. A function of the records' log: nothing of it is in the ledger.
 *
 * <p>Owner thread only. Made with the first record that expires, closed by the survey.
 */
final class ExpirySweep {

    /** Times are rounded up, so that there are at most so many looks however many records expire. */
    private static final long ROUND_MILLIS = 500;

    /** Of a group, on their way to the expiry address; more wait until some have arrived. */
    private static final int LEAVING_MAX = 10_000;

    private final PartitionDelivery delivery;
    /** Whose time will come, as those that are not due. */
    private final OrderIndex waiting = new OrderIndex();

    private final DueTimes times;
    /** Whose time is over, and that a group may still have. */
    private final OffsetSet expired = new OffsetSet();

    private long trimmedTo;
    private boolean queued;
    private boolean closed;

    ExpirySweep(PartitionDelivery delivery) {
        this.delivery = delivery;
        this.times = new DueTimes(delivery, waiting, delivery.context().dueTimesMax(), this::expire);
    }

    /** Of those that have not expired the nearest are in memory; the survey reads others again. */
    DueTimes times() {
        return times;
    }

    /** The record at {@code offset} expires then; {@code expiryMillis} rounded by {@link #lookMillis}. */
    static long lookMillis(long expiryMillis) {
        return (expiryMillis + ROUND_MILLIS - 1) / ROUND_MILLIS * ROUND_MILLIS;
    }

    private void expire(OffsetRanges offsets) {
        if (closed) {
            return;
        }
        for (int i = 0; i < offsets.size(); i++) {
            expired.add(offsets.first(i), offsets.last(i));
        }
        for (SharePartition group : offsets.isEmpty() ? List.<SharePartition>of() : delivery.groups()) {
            group.state().sweepFrom(offsets.first(0));
        }
        queue(0);
    }

    /** Records may have come back to the group. */
    void look(SharePartition group) {
        if (!expired.isEmpty() && group.state().sweepFrom() != Long.MAX_VALUE) {
            queue(0);
        }
    }

    private void queue(long afterMillis) {
        if (!queued && !closed) {
            queued = true;
            delivery.partition().owner().schedule(() -> delivery.run(this::sweep), afterMillis * 1_000_000L);
        }
    }

    private void sweep() {
        queued = false;
        // The next nearest may have to be found.
        delivery.surveyed();
        long work = delivery.config().passWork();
        for (SharePartition group : List.copyOf(delivery.groups())) {
            // Groups are pumped, and so come here again, when what lacks is there.
            if (closed
                    || !delivery.working()
                    || delivery.stalled()
                    || !delivery.partition().serving()) {
                return;
            }
            try {
                work = sweep(group, work);
            } catch (IOException e) {
                failed(e);
                return;
            }
            if (work <= 0) {
                queue(0);
                return;
            }
        }
    }

    /** What is left of the budget. */
    private long sweep(SharePartition group, long budget) throws IOException {
        GroupState state = group.state();
        long from = state.sweepFrom();
        if (from == Long.MAX_VALUE || !group.working()) {
            return budget;
        }
        RecordTaking taking = new RecordTaking(group, delivery);
        long logStart = delivery.partition().log().startOffset();
        passOverFresh(group, taking, logStart);
        Candidates candidates = new Candidates.Among(state, expired);
        Acquirer acquirer = delivery.context().acquirer();
        acquirer.beginSurvey(delivery.rules(group.spec(), group.filter()), budget);
        long end = state.nextOffset();
        while (acquirer.workLeft() > 0) {
            candidates.reset();
            from = candidates.next(from);
            if (from >= end) {
                // What no push has looked at is left to the subscription's selector.
                state.sweptTo(expired.next(end));
                return acquirer.workLeft();
            }
            if (from < logStart) {
                taking.changes().passUnseen(candidates.in(from, logStart - 1));
                from = logStart;
                continue;
            }
            state.sweptTo(from);
            GroupSession leaving = state.session(SessionKey.leaving(MoveReason.EXPIRED));
            if (leaving != null && leaving.heldRecords >= LEAVING_MAX) {
                queue(delivery.config().retryMillis());
                return acquirer.workLeft();
            }
            long reached = taking.dismiss(acquirer, candidates, from, Math.min(end, from + OffsetSet.CHUNK));
            if (reached == from) {
                queue(delivery.config().retryMillis());
                return acquirer.workLeft();
            }
            from = reached;
        }
        state.sweptTo(from);
        return 0;
    }

    /** A subscription's selector sorts what is new by itself. */
    private void passOverFresh(SharePartition group, RecordTaking taking, long logStart) {
        GroupState state = group.state();
        if (group.filter() != null) {
            return;
        }
        state.skipTo(logStart);
        for (long fresh = expired.next(state.nextOffset());
                fresh != Long.MAX_VALUE;
                fresh = expired.next(state.nextOffset())) {
            taking.changes().passOver(OffsetRanges.of(state.nextOffset(), expired.runEnd(fresh)));
        }
    }

    private void failed(IOException failure) {
        if (failure instanceof LogException refusal && refusal.reason() == LogException.Reason.OFFLINE) {
            delivery.broken(failure);
            return;
        }
        delivery.context().log().warn("cannot read what has expired of {}", delivery, failure);
        queue(delivery.config().retryMillis());
    }

    /** No group has anything below {@code offset}. */
    void trim(long offset) {
        if (offset >= trimmedTo + OffsetSet.CHUNK) {
            trimmedTo = offset;
            waiting.trim(offset);
            expired.remove(0, offset - 1);
        }
    }

    /** A group begins at {@code offset}. */
    void include(long offset) {
        trimmedTo = Math.min(trimmedTo, offset);
    }

    void close() {
        closed = true;
        times.close();
    }
}
