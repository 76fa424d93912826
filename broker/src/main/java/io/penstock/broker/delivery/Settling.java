package io.penstock.broker.delivery;

import java.io.IOException;

/** One settlement between the call and the disk: what it moved, and what becomes of that. Owner thread only. */
final class Settling implements LedgerWriter.Waiter {

    private final SharePartition group;
    private final GroupSession session;
    private final long sequence;
    private final long sequenceBefore;
    private final Settlements done;
    private final OffsetRanges lost;
    private final SettleCallback callback;
    private boolean answered;

    Settling(
            SharePartition group,
            GroupSession session,
            long sequence,
            Settlements done,
            OffsetRanges lost,
            SettleCallback callback) {
        this.group = group;
        this.session = session;
        this.sequence = sequence;
        this.sequenceBefore = session.lastSequence;
        this.done = done;
        this.lost = lost;
        this.callback = callback;
    }

    @Override
    public void appended() {
        GroupState state = group.state();
        state.release(session, done.released(), FlightTable.SETTLING, false);
        state.release(session, done.releasedCounted(), FlightTable.SETTLING, true);
    }

    @Override
    public void followUp() {
        if (done.accepted().isEmpty()) {
            answered = true;
            callback.done(lost.isEmpty() ? SettleOutcome.COMPLETE : new SettleOutcome(lost), null);
        }
        if (!done.released().isEmpty() || !done.releasedCounted().isEmpty()) {
            group.pump();
        }
    }

    @Override
    public void durable() {
        group.state().finishSettling(session, done.accepted());
        group.state().forgetIfDone(session);
        group.delivery().settledMoved();
        if (!answered) {
            answered = true;
            callback.done(lost.isEmpty() ? SettleOutcome.COMPLETE : new SettleOutcome(lost), null);
        }
        group.roomMade();
    }

    @Override
    public void refused(IOException failure) {
        session.undo(sequence, sequenceBefore);
        group.giveBack(session, done.accepted(), FlightTable.SETTLING);
        group.giveBack(session, done.released(), FlightTable.SETTLING);
        group.giveBack(session, done.releasedCounted(), FlightTable.SETTLING);
        callback.done(null, failure);
        group.pump();
    }

    @Override
    public void lost(IOException failure) {
        if (!answered) {
            answered = true;
            callback.done(null, failure);
        }
    }
}
