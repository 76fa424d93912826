package io.penstock.broker.delivery;

import io.penstock.storage.time.Failures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Acceptances of one session that come one after the other in a turn of the owner, as AUTO_ACKNOWLEDGE sends them: one
 * ledger entry under the last of their sequences, one end of their settling. They share their fate, since the ledger takes
 * a turn's entries together or refuses them together. Owner thread only.
 */
final class GatheredSettling implements LedgerWriter.Growing {
    private static final OffsetRanges NOTHING = new OffsetRanges();

    private final SharePartition group;
    private final GroupSession session;
    private final long sequenceBefore;
    private final OffsetRanges accepted = new OffsetRanges();
    private final List<SettleCallback> callbacks = new ArrayList<>();
    private long lastSequence;

    private GatheredSettling(SharePartition group, GroupSession session) {
        this.group = group;
        this.session = session;
        this.sequenceBefore = session.lastSequence;
    }

    /**
     * Settles what is a single range of acquired records, accepted.
     *
     * @return false if it is something else; nothing has happened then
     */
    static boolean accept(
            SharePartition group,
            GroupSession session,
            long sequence,
            Settlements settlements,
            SettleCallback callback) {
        OffsetRanges accepted = settlements.accepted();
        if (sequence == SharePartition.NO_SEQUENCE
                || accepted.size() != 1
                || !settlements.released().isEmpty()
                || !settlements.releasedCounted().isEmpty()
                || !group.state().beginSettling(session, accepted)) {
            return false;
        }
        LedgerWriter writer = group.delivery().writer();
        GatheredSettling gathered = writer.growing() instanceof GatheredSettling open
                        && open.group == group
                        && open.session == session
                        && open.lastSequence < sequence
                ? open
                : null;
        if (gathered == null) {
            gathered = new GatheredSettling(group, session);
            writer.grow(gathered);
        }
        gathered.accepted.add(accepted.first(0), accepted.last(0));
        gathered.callbacks.add(callback);
        gathered.lastSequence = sequence;
        session.settled(sequence, NOTHING);
        return true;
    }

    @Override
    public void write(EntryBuffer out) {
        LedgerEntry.settled(
                out, group.state().number, session.key, lastSequence, Settlements.accept(accepted), NOTHING);
    }

    @Override
    public void appended() {
        // What is accepted changes when it is durable.
    }

    @Override
    public void followUp() {
        // As above.
    }

    @Override
    public void durable() {
        group.state().finishSettling(session, accepted);
        group.state().forgetIfDone(session);
        group.delivery().settledMoved();
        answer(SettleOutcome.COMPLETE, null);
        group.roomMade();
    }

    @Override
    public void refused(IOException failure) {
        session.undo(lastSequence, sequenceBefore);
        group.giveBack(session, accepted, FlightTable.SETTLING);
        answer(null, failure);
        group.pump();
    }

    @Override
    public void lost(IOException failure) {
        answer(null, failure);
    }

    /** Each once; one that fails must not keep the others waiting, nor make them believe in another outcome. */
    private void answer(SettleOutcome outcome, IOException failure) {
        List<SettleCallback> told = List.copyOf(callbacks);
        callbacks.clear();
        Throwable first = null;
        for (SettleCallback callback : told) {
            try {
                callback.done(outcome, failure);
            } catch (RuntimeException | VirtualMachineError | AssertionError e) {
                first = Failures.first(first, e);
            }
        }
        Failures.rethrow(first);
    }
}
