package io.penstock.broker.delivery;

/** What sessions settle in one group, at once, in two steps, or after a crash; in its ledger and its state. Owner thread only. */
final class GroupSettlement {

    private static final OffsetRanges NOTHING = new OffsetRanges();

    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final GroupState state;

    GroupSettlement(SharePartition group, PartitionDelivery delivery) {
        this.group = group;
        this.delivery = delivery;
        this.state = group.state();
    }

    /** See {@link SharePartition#settle}. */
    void settle(SessionKey key, long sequence, Settlements settlements, SettleCallback callback) {
        if (!group.working()) {
            callback.done(null, group.notWorking());
            return;
        }
        GroupSession session = group.heardOf(key);
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
        if (group.logged() && GatheredSettling.accept(group, session, sequence, settlements, callback)) {
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
        if (!group.logged()) {
            callback.done(outcome, null);
            return;
        }
        delivery.awaitAll(failure -> callback.done(failure == null ? outcome : null, failure));
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
        Settling settling = new Settling(group, session, sequence, done, lost, callback);
        session.settled(sequence, lost);
        if (!group.logged()) {
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

    /** See {@link SharePartition#prepareSettle}. */
    PreparedSettlement prepareSettle(SessionKey key, OffsetRanges ranges) throws AcquisitionLostException {
        GroupSession session = group.heardOf(key);
        OffsetRanges lost = group.working() ? state.notHeld(session, ranges) : ranges;
        if (!lost.isEmpty()) {
            throw new AcquisitionLostException(group.spec().groupId(), key, lost);
        }
        state.move(session, ranges, FlightTable.ACQUIRED, FlightTable.IN_DOUBT);
        return new PreparedSettlement(key, ranges);
    }

    /** See {@link SharePartition#commitSettle}. */
    void commitSettle(PreparedSettlement prepared, long sequence, SettleCallback callback) {
        prepared.finish();
        if (!group.working()) {
            callback.done(null, group.notWorking());
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

    /** See {@link SharePartition#rollbackSettle}. */
    void rollbackSettle(PreparedSettlement prepared) {
        prepared.finish();
        GroupSession session = state.session(prepared.session());
        if (session != null && group.working()) {
            giveBack(session, prepared.ranges(), FlightTable.IN_DOUBT);
            group.pump();
        }
    }

    /** See {@link SharePartition#giveBack}. */
    void giveBack(GroupSession session, OffsetRanges ranges, int fromState) {
        if (session.ended) {
            // The ledger has the session's end, which released them there already.
            state.release(session, ranges, fromState, false);
            state.forgetIfDone(session);
        } else {
            state.move(session, ranges, fromState, FlightTable.ACQUIRED);
        }
    }

    /** See {@link SharePartition#hasSettled}. */
    boolean hasSettled(SessionKey key, long sequence, OffsetRanges accepted) {
        GroupSession session = state.session(key);
        return session != null && session.seen(sequence) && !holdsAny(session, accepted);
    }

    /** See {@link SharePartition#reapplySettle}. */
    void reapplySettle(SessionKey key, long sequence, OffsetRanges ranges, SettleCallback callback) {
        if (!group.working()) {
            callback.done(null, group.notWorking());
            return;
        }
        int from = 0;
        if (group.logged()) {
            EntryBuffer out = delivery.writer().entry();
            from = out.position();
            LedgerEntry.settledAny(out, state.number, key, sequence, ranges);
        }
        state.settledTotal += state.settleAny(ranges);
        GroupSession session = state.session(key);
        if (session != null) {
            session.settled(sequence, NOTHING);
            state.endDoubt(key, sequence, true);
        }
        if (!group.logged()) {
            delivery.settledMoved();
            callback.done(SettleOutcome.COMPLETE, null);
            group.roomMade();
            return;
        }
        delivery.writer().await(from, true, PartitionDelivery.waiter(failure -> {
            delivery.settledMoved();
            callback.done(failure == null ? SettleOutcome.COMPLETE : null, failure);
            group.roomMade();
        }));
    }

    /** See {@link SharePartition#purge}. */
    void purge(SettleCallback callback) {
        if (!group.working()) {
            callback.done(null, group.notWorking());
            return;
        }
        group.redelivery().endDelays();
        long end = delivery.partition().lastStableOffset();
        OffsetRanges all = state.available().below(end);
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
        Settling settling =
                new Settling(group, purge, SharePartition.NO_SEQUENCE, Settlements.accept(all), NOTHING, callback);
        if (!group.logged()) {
            settling.appended();
            settling.followUp();
            settling.durable();
            return;
        }
        EntryBuffer out = delivery.writer().entry();
        int from = out.position();
        LedgerEntry.settledAny(out, state.number, null, SharePartition.NO_SEQUENCE, all);
        delivery.writer().await(from, false, settling);
    }
}
