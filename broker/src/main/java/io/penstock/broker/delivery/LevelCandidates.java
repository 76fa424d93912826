package io.penstock.broker.delivery;

/** The records of one priority, of those that a push may choose from, that are due. Owner thread only. */
abstract class LevelCandidates extends Candidates {

    OrderIndex index;
    int level;

    /** Of this priority, as things stand now. */
    final LevelCandidates at(OrderIndex of, int wanted) {
        index = of;
        level = wanted;
        reset();
        return this;
    }

    /** What was given back: the table's available runs. */
    static final class Returned extends LevelCandidates {
        private final FlightTable table;

        Returned(GroupState state) {
            this.table = state.table;
        }

        @Override
        void find(long offset) {
            if (!index.has(level) || table.availableRecords() == 0) {
                return;
            }
            for (int i = table.find(offset); i < table.size(); i++) {
                if (FlightTable.state(table.metaAt(i)) == FlightTable.AVAILABLE) {
                    long first = index.next(level, Math.max(offset, table.first(i)), table.last(i));
                    if (first != Long.MAX_VALUE) {
                        found(first, index.runEnd(level, first, table.last(i)), FlightTable.count(table.metaAt(i)));
                        return;
                    }
                }
            }
        }
    }

    /** What was passed over and never acquired. */
    static final class PassedOver extends LevelCandidates {
        private final GroupState state;

        PassedOver(GroupState state) {
            this.state = state;
        }

        @Override
        void find(long offset) {
            long member = index.next(state.passedOver, level, offset);
            if (member != Long.MAX_VALUE) {
                found(member, index.runEnd(state.passedOver, level, member), 0);
            }
        }
    }

    /** Of other candidates. */
    static final class Within extends LevelCandidates {
        private final Candidates all;

        Within(Candidates all) {
            this.all = all;
        }

        @Override
        void find(long offset) {
            if (!index.has(level)) {
                return;
            }
            for (long from = all.next(offset); from != Long.MAX_VALUE; from = all.next(from)) {
                long last = all.runEnd(from);
                long first = index.next(level, from, last);
                if (first != Long.MAX_VALUE) {
                    found(first, index.runEnd(level, first, last), all.deliveredBefore(first));
                    return;
                }
                if (last >= index.end()) {
                    return;
                }
                from = last + 1;
            }
        }
    }
}
