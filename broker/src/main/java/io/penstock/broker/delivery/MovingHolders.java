package io.penstock.broker.delivery;

/**
 * Records that a commit over several brokers moves: held in its name from before it puts them in doubt, in state and ledger,
 * so that a later leader neither delivers them nor moves them again while the commit's home knows more. Owner thread only.
 */
final class MovingHolders {
    private MovingHolders() {}

    /** What leaves goes into the hands of a commit; false when it is not all there. */
    static boolean handOver(SharePartition group, GroupSession leaving, SessionKey key, OffsetRanges ranges) {
        GroupState state = group.state();
        if (!group.working() || !state.notHeld(leaving, ranges).isEmpty()) {
            return false;
        }
        group.changes().release(leaving, ranges);
        group.changes().acquire(state.sessionOrNew(key), ranges);
        return true;
    }

    /**
     * Of commits that are not under way any more: what is not in doubt is to be moved again.
     *
     * @return whether something is in doubt
     */
    static boolean takeBack(SharePartition group) {
        GroupState state = group.state();
        boolean inDoubt = false;
        for (GroupSession holder : state.sessions()) {
            MoveReason reason = holder.key.movingFor();
            if (reason == null) {
                continue;
            }
            OffsetRanges free = state.acquired(holder, false);
            if (!free.isEmpty()) {
                group.changes().release(holder, free);
                group.changes().acquire(state.sessionOrNew(SessionKey.leaving(reason)), free);
            }
            if (state.doubts.any(holder.key)) {
                inDoubt = true;
            } else if (holder.heldRecords == 0) {
                group.changes().end(holder);
            }
        }
        return inDoubt;
    }
}
