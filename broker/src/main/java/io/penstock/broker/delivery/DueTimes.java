package io.penstock.broker.delivery;

import java.util.function.Consumer;

/**
 * When the records that are not due yet will be: the nearest in a {@link Schedule} of a bounded size, the others only as
 * members of {@link OrderIndex#undue}. When the schedule has become short, the records of these are read again for the
 * next nearest ({@link #refill}), so a million of them cost some readings of the log and no memory. Owner thread only.
 */
final class DueTimes {

    /** Due times in memory: 4 MiB. */
    static final int NEAR_MAX = 1 << 18;

    private final OrderIndex index;
    private final Schedule schedule;
    private final int nearMax;
    /** All that are due before are in the schedule. */
    private Schedule.Due horizon = Schedule.Due.NEVER;

    /** What is being read again: from here to {@link #refillEnd}. */
    private long refillPosition;

    private long refillEnd;
    /** What is due before is in the schedule already. */
    private Schedule.Due refillFrom = Schedule.Due.NEVER;

    /** @param due told offsets that may be delivered from now on */
    DueTimes(PartitionDelivery delivery, OrderIndex index, int nearMax, Consumer<OffsetRanges> due) {
        this.index = index;
        this.nearMax = nearMax;
        this.schedule = new Schedule(delivery.context(), delivery.partition().owner(), delivery::run, offsets -> {
            OffsetRanges now = becomeDue(offsets);
            due.accept(now);
        });
    }

    private OffsetRanges becomeDue(OffsetRanges offsets) {
        OffsetRanges now = new OffsetRanges();
        for (int i = 0; i < offsets.size(); i++) {
            for (long offset = offsets.first(i); offset <= offsets.last(i); offset++) {
                if (index.due(offset)) {
                    now.add(offset, offset);
                }
            }
        }
        return now;
    }

    /** A record is not to be delivered before {@code dueMillis}. */
    void postpone(long offset, long dueMillis) {
        if (index.postpone(offset)) {
            add(offset, dueMillis);
        }
    }

    private void add(long offset, long dueMillis) {
        if (horizon.isAfter(dueMillis, offset)) {
            schedule.add(offset, dueMillis);
            if (schedule.size() > nearMax) {
                horizon = schedule.keepEarlier();
            }
        }
    }

    /** True when records have to be read again: begins, or goes on with it. */
    boolean refilling(long surveyedEnd) {
        if (refillPosition < refillEnd) {
            return true;
        }
        if (schedule.size() > nearMax / 4 || index.undue().count() <= schedule.size()) {
            return false;
        }
        refillPosition = index.undue().next(0);
        refillEnd = surveyedEnd;
        refillFrom = horizon;
        horizon = Schedule.Due.NEVER;
        return true;
    }

    /** The next record that has to be read again, at or after {@link #refillEnd} when there is none. */
    long refillPosition() {
        return refillPosition;
    }

    long refillEnd() {
        return refillEnd;
    }

    /** A record that was read again. */
    void refill(long offset, long dueMillis) {
        if (!refillFrom.isAfter(dueMillis, offset) && index.undue().contains(offset)) {
            add(offset, dueMillis);
        }
    }

    /** Everything below {@code offset} was read again. */
    void refilledTo(long offset) {
        refillPosition = index.undue().next(offset);
    }

    /** Due times in memory, for tests and measurements. */
    int near() {
        return schedule.size();
    }

    void close() {
        schedule.close();
    }
}
