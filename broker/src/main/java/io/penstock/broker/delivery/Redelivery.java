package io.penstock.broker.delivery;

import io.penstock.broker.config.DestinationSettings;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decides what becomes of records whose delivery has failed: at once again, later, or not any more. What waits is held, in
 * state and ledger, by a holder that stands for its due time; what is not delivered any more by one that stands for the
 * reason, until {@link MoveLoop} has moved it. Counts stay with the records. Owner thread only; closed with its group.
 */
final class Redelivery {

    /** Due times are rounded up, so that neighbours share a holder. */
    private static final long ROUND_MILLIS = 16;

    private static final OffsetRanges ALL = OffsetRanges.of(0, Long.MAX_VALUE - 1);

    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final GroupState state;
    private Schedule schedule;
    private MoveLoop moves;
    private boolean closed;

    Redelivery(SharePartition group, PartitionDelivery delivery) {
        this.group = group;
        this.delivery = delivery;
        this.state = group.state();
    }

    /** After replay: what waited waits on, and settings may have changed. */
    void open() {
        for (GroupSession holder : state.sessions()) {
            if (holder.key.delayed()) {
                schedule().add(holder.key.dueMillis(), holder.key.dueMillis());
            }
        }
        settingsChanged();
    }

    /** Looks at everything that is available again. */
    void settingsChanged() {
        if (state.table.availableRecords() > 0) {
            DestinationSettings settings = settings();
            OffsetRanges exhausted = new OffsetRanges();
            state.returned(ALL, (first, last, count) -> {
                if (isDead(settings, count)) {
                    exhausted.add(first, last);
                }
            });
            leave(MoveReason.MAX_DELIVERY_ATTEMPTS, exhausted);
        }
        wakeMoves();
    }

    /** Sorts what was given back since the last call; before anything of it is pushed. */
    void sort() {
        OffsetRanges failed = state.takeFailed();
        if (failed.isEmpty() || closed || !group.working()) {
            return;
        }
        DestinationSettings settings = settings();
        if (settings.maxDeliveryAttempts() < 0 && settings.redeliveryDelayMillis() == 0) {
            return;
        }
        OffsetRanges exhausted = new OffsetRanges();
        Map<Long, OffsetRanges> delayed = new TreeMap<>();
        long now = delivery.context().clock().millis();
        state.returned(failed, (first, last, count) -> {
            long delay = settings.delayMillis(count);
            if (isDead(settings, count)) {
                exhausted.add(first, last);
            } else if (delay > 0) {
                long due = (now + delay + ROUND_MILLIS - 1) / ROUND_MILLIS * ROUND_MILLIS;
                delayed.computeIfAbsent(due, made -> new OffsetRanges()).add(first, last);
            }
        });
        delayed.forEach(this::delay);
        leave(MoveReason.MAX_DELIVERY_ATTEMPTS, exhausted);
    }

    private boolean isDead(DestinationSettings settings, int count) {
        return settings.exhausted(count) && !delivery.partition().topicName().equals(settings.deadLetterAddress());
    }

    private void delay(long dueMillis, OffsetRanges ranges) {
        GroupSession holder = state.sessionOrNew(SessionKey.delayedUntil(dueMillis));
        boolean first = holder.heldRecords == 0;
        group.changes().acquire(holder, ranges);
        if (first) {
            schedule().add(dueMillis, dueMillis);
        }
    }

    private void due(OffsetRanges dues) {
        if (closed || !group.working()) {
            return;
        }
        for (int i = 0; i < dues.size(); i++) {
            for (long due = dues.first(i); due <= dues.last(i); due++) {
                end(state.session(SessionKey.delayedUntil(due)));
            }
        }
        group.pump();
    }

    /** Nothing waits any more. */
    void endDelays() {
        for (GroupSession holder : state.sessions()) {
            if (holder.key.delayed()) {
                end(holder);
            }
        }
    }

    private void end(GroupSession holder) {
        if (holder != null) {
            group.changes().end(holder);
        }
    }

    /** These are delivered to nobody here any more. */
    void leave(MoveReason reason, OffsetRanges ranges) {
        if (!ranges.isEmpty()) {
            group.changes().acquire(state.sessionOrNew(SessionKey.leaving(reason)), ranges);
            wakeMoves();
        }
    }

    /** Something is to be moved, or can be now. */
    void wakeMoves() {
        if (moves == null && hasLeaving()) {
            moves = new MoveLoop(group, delivery);
        }
        if (moves != null) {
            moves.wake();
        }
    }

    private boolean hasLeaving() {
        for (MoveReason reason : MoveReason.values()) {
            if (state.session(SessionKey.leaving(reason)) != null) {
                return true;
            }
        }
        for (GroupSession holder : state.sessions()) {
            if (holder.key.movingFor() != null) {
                return true;
            }
        }
        return false;
    }

    private Schedule schedule() {
        if (schedule == null) {
            schedule = new Schedule(delivery.context(), delivery.partition().owner(), delivery::run, this::due);
        }
        return schedule;
    }

    private DestinationSettings settings() {
        return delivery.context().settings(delivery.partition().topicName());
    }

    void close() {
        closed = true;
        if (schedule != null) {
            schedule.close();
        }
    }
}
