package io.penstock.broker.delivery;

import java.io.IOException;

/**
 * Chooses records for one consumer where more than offsets counts: of the available ones those of the highest priority,
 * of these first what was delivered before, then by offset; nothing before it is due (JMS-RULES 19). One push holds
 * records of one priority. New records are passed over first, all of them, so that whatever is available is a member of
 * the table or of the passed-over set. Owner thread only.
 */
final class OrderedPush implements PushOrder {

    private final RecordTaking taking;
    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final GroupState state;
    private final LevelCandidates.Returned returned;
    private final LevelCandidates.PassedOver passedOver;
    private OrderIndex index;

    OrderedPush(SharePartition group, PartitionDelivery delivery, RecordTaking taking) {
        this.group = group;
        this.delivery = delivery;
        this.state = group.state();
        this.taking = taking;
        this.returned = new LevelCandidates.Returned(state);
        this.passedOver = new LevelCandidates.PassedOver(state);
    }

    /** At the beginning of a pass: whether anything that the group has before it is ordered by more than its offset. */
    boolean refresh(SelectorCursors cursors) {
        OrderIndex now = delivery.orderIndex();
        if (now != null && now.end() <= state.startOffset()) {
            now = null;
        }
        if (now == null && index == null) {
            return false;
        }
        index = now;
        for (SelectorCursor cursor : cursors.all()) {
            if (now == null) {
                cursor.forgetLevels();
            } else {
                cursor.makeLevels();
            }
        }
        return now != null;
    }

    @Override
    public boolean hasReturned(SelectorCursor cursor) {
        for (int level = 0; level < OrderIndex.LEVELS; level++) {
            if (cursor.levels().returned[level] != Long.MAX_VALUE
                    && returned.at(index, level).next(cursor.levels().returned[level]) != Long.MAX_VALUE) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean hasWaiting(SelectorCursor cursor) {
        long[] positions = cursor.levels().positions;
        for (int level = 0; level < OrderIndex.LEVELS; level++) {
            long next = passedOver.at(index, level).next(positions[level]);
            // What was looked through is not looked through again.
            positions[level] = Math.max(positions[level], Math.min(next, state.nextOffset()));
            if (next != Long.MAX_VALUE) {
                return true;
            }
        }
        return false;
    }

    @Override
    public long waiting() {
        return Math.max(0, state.passedOver.count() - index.undue().count());
    }

    @Override
    public void take(Acquirer acquirer, GroupSession session, SelectorCursor cursor) throws IOException {
        passOverFresh();
        for (int level = OrderIndex.LEVELS - 1; level >= 0; level--) {
            boolean done = redeliver(acquirer, session, cursor, level);
            // At the limit of what may be held, or while sessions may come back, what was given back goes on alone.
            if (done && !acquirer.anything() && !group.awaiting() && taking.room() > 0) {
                done = takeNew(acquirer, session, cursor, level);
            }
            if (!done || acquirer.anything()) {
                return;
            }
        }
    }

    private void passOverFresh() {
        state.skipTo(delivery.partition().log().startOffset());
        long end = delivery.readableEnd();
        if (end > state.nextOffset()) {
            taking.changes().passOver(OffsetRanges.of(state.nextOffset(), end - 1));
        }
    }

    /** False when the budget was spent, or nothing could be read, before the level was looked through. */
    private boolean redeliver(Acquirer acquirer, GroupSession session, SelectorCursor cursor, int level)
            throws IOException {
        long[] positions = cursor.levels().returned;
        long logStart = delivery.partition().log().startOffset();
        while (positions[level] != Long.MAX_VALUE) {
            long from = returned.at(index, level).next(positions[level]);
            if (from == Long.MAX_VALUE) {
                positions[level] = from;
                return true;
            }
            if (from < logStart) {
                taking.changes().passUnseen(OffsetRanges.of(from, Math.min(returned.runEnd(from), logStart - 1)));
                continue;
            }
            if (!acquirer.wantsMore()) {
                return false;
            }
            long reached = taking.choose(acquirer, session, returned, from, end(from));
            if (reached == from) {
                return false;
            }
            positions[level] = reached;
        }
        return true;
    }

    private boolean takeNew(Acquirer acquirer, GroupSession session, SelectorCursor cursor, int level)
            throws IOException {
        long[] positions = cursor.levels().positions;
        taking.passGone();
        while (true) {
            long from = passedOver.at(index, level).next(positions[level]);
            if (from == Long.MAX_VALUE) {
                positions[level] = Math.max(positions[level], state.nextOffset());
                return true;
            }
            if (!acquirer.wantsMore()) {
                return false;
            }
            acquirer.atMost(taking.room());
            long reached = taking.choose(acquirer, session, passedOver, from, end(from));
            if (reached == from) {
                return false;
            }
            positions[level] = reached;
        }
    }

    /** Some at a time, so that what was decided about is known in pieces of a bounded size. */
    private long end(long from) {
        return Math.min(state.nextOffset(), from + OffsetSet.CHUNK);
    }
}
