package io.penstock.broker.delivery;

import io.penstock.protocol.selector.SelectorMatcher;
import java.io.IOException;

/** Takes records of a group for a consumer: what all ways of choosing them share. Owner thread only. */
final class RecordTaking {

    /** Runs of the flight table, in multiples of the records in flight, at which nothing more is acquired. */
    private static final int RUNS_FACTOR = 4;

    /** Ranges that one entry settles when retention has taken records. */
    private static final int RANGES_MAX = 1_000;

    private static final OffsetRanges NOTHING = new OffsetRanges();

    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final GroupState state;
    private final LoggedChanges changes;
    /** Nothing more was acquired because too much is in flight. */
    private boolean limited;

    RecordTaking(SharePartition group, PartitionDelivery delivery) {
        this.group = group;
        this.delivery = delivery;
        this.state = group.state();
        this.changes = group.changes();
    }

    LoggedChanges changes() {
        return changes;
    }

    /** How many offsets nobody has looked at. */
    long fresh() {
        return delivery.partition().highWatermark() - state.nextOffset();
    }

    /** Of what is fresh, the part in front of the first undecided transaction. */
    private long decided() {
        return delivery.partition().lastStableOffset() - state.nextOffset();
    }

    /** How many more records may be acquired. */
    long room() {
        int max = delivery.config().inFlightRecordsMax();
        long room = state.table.size() >= (long) RUNS_FACTOR * max ? 0 : max - state.table.unsettledRecords();
        limited |= room <= 0;
        return room;
    }

    /** Whether there was no room since this was asked last. */
    boolean wasLimited() {
        boolean was = limited;
        limited = false;
        return was;
    }

    /** Retention has taken these; nobody can get them any more. */
    void passGone() {
        long logStart = delivery.partition().log().startOffset();
        for (OffsetRanges gone = state.passedOver.ranges(0, logStart - 1, RANGES_MAX);
                !gone.isEmpty();
                gone = state.passedOver.ranges(0, logStart - 1, RANGES_MAX)) {
            changes.passUnseen(gone);
        }
    }

    /** Takes what the consumer wants of candidates; settles unseen what has no record or is not for anybody. */
    long choose(Acquirer acquirer, GroupSession session, Candidates candidates, long from, long end)
            throws IOException {
        long reached = decide(acquirer, candidates, from, end);
        if (reached > from) {
            acquire(session, acquirer);
        }
        return reached;
    }

    /** Of candidates only what is not for anybody leaves, or is settled unseen; during a survey. */
    long dismiss(Acquirer acquirer, Candidates candidates, long from, long end) throws IOException {
        long reached = decide(acquirer, candidates, from, end);
        if (reached > from && !acquirer.parked().isEmpty()) {
            group.parking().acquire(null, NOTHING, acquirer.parked());
            group.redelivery().wakeMoves();
        }
        return reached;
    }

    private long decide(Acquirer acquirer, Candidates candidates, long from, long end) throws IOException {
        acquirer.beginRange();
        long reached = acquirer.collect(delivery.partition(), from, end, candidates, delivery.averageRecordBytes());
        if (reached == from) {
            return from;
        }
        OffsetRanges gone =
                candidates.in(from, reached - 1).without(acquirer.acquired()).without(acquirer.unwanted());
        for (Acquirer.Parked parked : acquirer.parked()) {
            gone = gone.without(OffsetRanges.of(parked.first(), parked.last()));
        }
        changes.passUnseen(gone);
        return reached;
    }

    void acquire(GroupSession session, Acquirer acquirer) {
        if (acquirer.parked().isEmpty()) {
            changes.acquire(session, acquirer.acquired());
        } else {
            group.parking().acquire(session, acquirer.acquired(), acquirer.parked());
            group.redelivery().wakeMoves();
        }
    }

    /**
     * Nobody takes anything now: what the subscription's selector leaves out is settled all the same, as far as it is
     * decided; false when the budget was spent before the end.
     */
    boolean sortAhead(Acquirer acquirer, SelectorMatcher filter) throws IOException {
        acquirer.beginSurvey(
                delivery.rules(group.spec(), filter), delivery.config().passWork());
        state.skipTo(delivery.partition().log().startOffset());
        while (decided() > 0 && !delivery.stalled()) {
            if (acquirer.workLeft() <= 0) {
                return false;
            }
            acquirer.beginRange();
            long from = state.nextOffset();
            long reached = acquirer.collect(
                    delivery.partition(),
                    from,
                    from + Math.min(decided(), OffsetSet.CHUNK),
                    null,
                    delivery.averageRecordBytes());
            if (reached == from) {
                return true;
            }
            changes.passOver(acquirer.acquired());
            for (Acquirer.Parked expired : acquirer.parked()) {
                OffsetRanges range = OffsetRanges.of(expired.first(), expired.last());
                changes.passOver(range);
                group.redelivery().leave(MoveReason.EXPIRED, range);
            }
            changes.passUnseen(acquirer.passed());
            state.skipTo(reached);
        }
        return true;
    }
}
