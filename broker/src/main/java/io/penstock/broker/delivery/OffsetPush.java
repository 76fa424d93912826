package io.penstock.broker.delivery;

import java.io.IOException;

/** Records by their offsets alone: what was given back first, then what was passed over, then new ones. Owner thread only. */
final class OffsetPush implements PushOrder {

    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final GroupState state;
    private final RecordTaking taking;
    private final Candidates returned;
    private final Candidates passedOver;

    OffsetPush(SharePartition group, PartitionDelivery delivery, RecordTaking taking) {
        this.group = group;
        this.delivery = delivery;
        this.state = group.state();
        this.taking = taking;
        this.returned = new Candidates.Returned(state.table);
        this.passedOver = new Candidates.PassedOver(state);
    }

    @Override
    public boolean hasReturned(SelectorCursor cursor) {
        return state.table.availableRecords() > 0 && cursor.returnedFrom != Long.MAX_VALUE;
    }

    @Override
    public boolean hasWaiting(SelectorCursor cursor) {
        return !state.passedOver.isEmpty()
                && cursor.position < state.nextOffset()
                && state.passedOver.next(cursor.position) != Long.MAX_VALUE;
    }

    @Override
    public long waiting() {
        return state.passedOver.count();
    }

    @Override
    public void take(Acquirer acquirer, GroupSession session, SelectorCursor cursor) throws IOException {
        redeliver(acquirer, session, cursor);
        if (!acquirer.anything() && cursor.returnedFrom == Long.MAX_VALUE && !group.awaiting()) {
            acquirePassedOver(acquirer, session, cursor);
            if (!acquirer.anything() && cursor.position >= state.nextOffset()) {
                acquireFresh(acquirer, session, cursor);
            }
        }
    }

    private void redeliver(Acquirer acquirer, GroupSession session, SelectorCursor cursor) throws IOException {
        long logStart = delivery.partition().log().startOffset();
        while (cursor.returnedFrom != Long.MAX_VALUE && acquirer.wantsMore()) {
            returned.reset();
            long from = returned.next(cursor.returnedFrom);
            if (from == Long.MAX_VALUE) {
                cursor.returnedFrom = from;
                return;
            }
            if (from < logStart) {
                // Retention has taken these; nobody can get them any more.
                taking.changes().passUnseen(OffsetRanges.of(from, Math.min(returned.runEnd(from), logStart - 1)));
                continue;
            }
            long end = Math.min(state.nextOffset(), from + OffsetSet.CHUNK);
            long reached = taking.choose(acquirer, session, returned, from, end);
            if (reached == from) {
                return;
            }
            cursor.returnedFrom = reached;
        }
    }

    private void acquirePassedOver(Acquirer acquirer, GroupSession session, SelectorCursor cursor) throws IOException {
        taking.passGone();
        while (cursor.position < state.nextOffset() && acquirer.wantsMore()) {
            passedOver.reset();
            long from = passedOver.next(cursor.position);
            if (from == Long.MAX_VALUE) {
                cursor.position = state.nextOffset();
                return;
            }
            long room = taking.room();
            if (room <= 0) {
                return;
            }
            acquirer.atMost(room);
            // A batch or some at a time, so that what was decided about is known in pieces of a bounded size.
            long end = Math.min(state.nextOffset(), from + OffsetSet.CHUNK);
            long reached = taking.choose(acquirer, session, passedOver, from, end);
            if (reached == from) {
                return;
            }
            cursor.position = reached;
        }
    }

    private void acquireFresh(Acquirer acquirer, GroupSession session, SelectorCursor cursor) throws IOException {
        state.skipTo(delivery.partition().log().startOffset());
        long from = state.nextOffset();
        long fresh = taking.fresh();
        long room = taking.room();
        if (fresh <= 0 || room <= 0) {
            return;
        }
        if (cursor.matcher == null) {
            fresh = Math.min(fresh, room);
        }
        acquirer.atMost(room);
        acquirer.beginRange();
        long startBefore = state.startOffset();
        long reached = acquirer.collect(delivery.partition(), from, from + fresh, null, delivery.averageRecordBytes());
        // In this order: what is passed may lie above what is acquired, and moves the next offset.
        taking.acquire(session, acquirer);
        taking.changes().passOver(acquirer.unwanted());
        taking.changes().passUnseen(acquirer.passed());
        state.skipTo(reached);
        cursor.position = state.nextOffset();
        if (state.startOffset() > startBefore) {
            delivery.settledMoved();
        }
    }
}
