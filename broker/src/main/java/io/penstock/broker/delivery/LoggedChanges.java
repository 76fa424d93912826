package io.penstock.broker.delivery;

/**
 * What a look at records changes in one group: in its state and, where the group has one, in its ledger alike. Owner
 * thread only.
 */
final class LoggedChanges {
    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final GroupState state;

    LoggedChanges(SharePartition group, PartitionDelivery delivery) {
        this.group = group;
        this.delivery = delivery;
        this.state = group.state();
    }

    void acquire(GroupSession session, OffsetRanges ranges) {
        if (ranges.isEmpty()) {
            return;
        }
        for (int i = 0; i < ranges.size(); i++) {
            state.acquire(session, ranges.first(i), ranges.last(i));
        }
        if (group.logged()) {
            group.held(LedgerEntry.ACQUIRED, session.key).putRanges(ranges);
        }
    }

    void passOver(OffsetRanges ranges) {
        if (ranges.isEmpty()) {
            return;
        }
        if (group.logged()) {
            LedgerEntry.passedOver(delivery.writer().entry(), state.number, ranges);
        }
        state.passOver(ranges);
    }

    /** Settles without a consumer. Ranges at or above the next offset move it. */
    void passUnseen(OffsetRanges ranges) {
        if (ranges.isEmpty()) {
            return;
        }
        if (group.logged()) {
            LedgerEntry.passed(delivery.writer().entry(), state.number, ranges);
        }
        state.pass(ranges);
        delivery.settledMoved();
    }

    void release(GroupSession session, OffsetRanges ranges) {
        if (ranges.isEmpty()) {
            return;
        }
        if (group.logged()) {
            group.held(LedgerEntry.RELEASED, session.key).putRanges(ranges);
        }
        state.release(session, ranges, FlightTable.ACQUIRED, false);
    }

    void end(GroupSession session) {
        if (group.logged()) {
            group.held(LedgerEntry.SESSION_ENDED, session.key);
        }
        state.endSession(session);
    }
}
