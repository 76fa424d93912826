package io.penstock.broker.delivery;

/**
 * The records of a group that a push may choose from, as runs in offset order. Remembers the run that it found last, so
 * that asking for one offset after another is cheap; {@link #reset} when the state has changed. Owner thread only.
 */
abstract class Candidates {

    private long askedFrom = Long.MAX_VALUE;
    /** The run found last; {@link Long#MAX_VALUE} for none. */
    private long first;

    private long last = -1;
    private int delivered;

    /** Calls {@link #found} with the first run that ends at or after {@code offset}, or not at all. */
    abstract void find(long offset);

    final void found(long runFirst, long runLast, int deliveredBefore) {
        first = runFirst;
        last = runLast;
        delivered = deliveredBefore;
    }

    final void reset() {
        askedFrom = Long.MAX_VALUE;
        last = -1;
    }

    private void locate(long offset) {
        if (offset < askedFrom || offset > last) {
            askedFrom = offset;
            first = Long.MAX_VALUE;
            last = Long.MAX_VALUE;
            find(offset);
        }
    }

    /** The first candidate at or after {@code offset}, {@link Long#MAX_VALUE} when there is none. */
    final long next(long offset) {
        locate(offset);
        return Math.max(offset, first);
    }

    final boolean has(long offset) {
        locate(offset);
        return offset >= first;
    }

    /** Last offset of a run of candidates that begins with {@code candidate} and has one count. */
    final long runEnd(long candidate) {
        locate(candidate);
        return last;
    }

    /** How often the candidate has been counted as delivered. */
    final int deliveredBefore(long candidate) {
        locate(candidate);
        return delivered;
    }

    /** The candidates in a range, as far as they reach. */
    final OffsetRanges in(long from, long to) {
        OffsetRanges ranges = new OffsetRanges();
        for (long offset = next(from); offset <= to; offset = next(offset)) {
            long end = Math.min(to, runEnd(offset));
            ranges.add(offset, end);
            offset = end + 1;
        }
        return ranges;
    }

    /** What was given back: the table's available runs. */
    static final class Returned extends Candidates {
        private final FlightTable table;

        Returned(FlightTable table) {
            this.table = table;
        }

        @Override
        void find(long offset) {
            for (int i = table.find(offset); i < table.size(); i++) {
                if (FlightTable.state(table.metaAt(i)) == FlightTable.AVAILABLE) {
                    found(table.first(i), table.last(i), FlightTable.count(table.metaAt(i)));
                    return;
                }
            }
        }
    }

    /** What was passed over and never acquired. */
    static final class PassedOver extends Candidates {
        private final GroupState state;

        PassedOver(GroupState state) {
            this.state = state;
        }

        @Override
        void find(long offset) {
            long member = state.passedOver.next(offset);
            if (member != Long.MAX_VALUE) {
                found(member, state.passedOver.runEnd(member), 0);
            }
        }
    }

    /** What is available, to whomever, and of a set. */
    static final class Among extends Candidates {
        private final Candidates returned;
        private final Candidates passedOver;
        private final OffsetSet members;

        Among(GroupState state, OffsetSet members) {
            this.returned = new Returned(state.table);
            this.passedOver = new PassedOver(state);
            this.members = members;
        }

        @Override
        void find(long offset) {
            returned.reset();
            passedOver.reset();
            for (long member = members.next(offset); member != Long.MAX_VALUE; ) {
                boolean failed = returned.has(member);
                long available = failed ? member : Math.min(returned.next(member), passedOver.next(member));
                if (available == member) {
                    Candidates of = failed ? returned : passedOver;
                    found(member, Math.min(members.runEnd(member), of.runEnd(member)), of.deliveredBefore(member));
                    return;
                }
                member = available == Long.MAX_VALUE ? available : members.next(available);
            }
        }
    }

    /** What a browser shows: everything but what is settled, about to be, or in the hands of an application. */
    static final class Browsable extends Candidates {
        private final GroupState state;

        Browsable(GroupState state) {
            this.state = state;
        }

        @Override
        void find(long offset) {
            FlightTable table = state.table;
            int run = table.find(offset);
            while (run < table.size() && !shown(table.metaAt(run), table.holder(run))) {
                run++;
            }
            long inTable = run < table.size() ? Math.max(offset, table.first(run)) : Long.MAX_VALUE;
            long member = state.passedOver.next(offset);
            if (inTable == Long.MAX_VALUE && member == Long.MAX_VALUE) {
                found(Math.max(offset, state.nextOffset()), Long.MAX_VALUE - 1, 0);
            } else if (inTable < member) {
                found(inTable, table.last(run), FlightTable.count(table.metaAt(run)));
            } else {
                found(member, state.passedOver.runEnd(member), 0);
            }
        }

        private static boolean shown(int meta, GroupSession holder) {
            int state = FlightTable.state(meta);
            return state == FlightTable.AVAILABLE
                    || state == FlightTable.ACQUIRED && !FlightTable.marked(meta) && holder.key.isSession();
        }
    }
}
