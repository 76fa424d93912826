package io.penstock.broker.delivery;

import io.penstock.storage.log.LogException;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Looks at a partition's records as they are committed, before any of them is delivered: which have a priority, are not
 * due yet, or have a key. Batches whose writer vouches that they have nothing of the kind are skipped by what the log
 * knows of its segments, without being read: a queue without such messages costs a comparison for each pass. After a
 * restart, or on a new leader, the survey begins again where the first group does. Owner thread only.
 */
final class OrderSurvey {

    /** Work of one turn, in passes of a push. */
    private static final int PASSES = 4;

    private final PartitionDelivery delivery;
    /** Told what has become due. */
    private final Consumer<OffsetRanges> due;

    private OrderIndex index;
    private DueTimes times;
    /** Made with the first record that expires. */
    private ExpirySweep expiry;
    /** Everything below was looked at. */
    private long position = Long.MAX_VALUE;

    private boolean queued;
    private boolean closed;

    OrderSurvey(PartitionDelivery delivery, Consumer<OffsetRanges> due) {
        this.delivery = delivery;
        this.due = due;
    }

    /** A group begins at {@code offset}. */
    void include(long offset) {
        position = Math.min(position, offset);
        if (expiry != null) {
            expiry.include(offset);
        }
    }

    /** Records may have come back to the group. */
    void returned(SharePartition group) {
        if (expiry != null) {
            expiry.look(group);
        }
    }

    /** What was found; null when nothing but offsets orders what the groups have before them. */
    OrderIndex index() {
        return index;
    }

    /** Due times in memory; 0 without any. */
    int near() {
        return times == null ? 0 : times.near();
    }

    /**
     * Looks at what is new, within a budget; true when all that is committed was looked at. If not, it goes on by itself,
     * and the groups are pumped then.
     */
    boolean advance() {
        long end = delivery.readableEnd();
        if (position >= end && times == null && expiry == null || closed) {
            return true;
        }
        trim();
        try {
            long work = PASSES * delivery.config().passWork();
            work = surveyTo(end, work);
            if (isRefilling(times, Math.min(position, end))) {
                work = refill(times, work, false);
            }
            if (expiry != null && isRefilling(expiry.times(), Math.min(position, end))) {
                work = refill(expiry.times(), work, true);
            }
            boolean done = position >= end;
            if (!done || isRefilling(times, position) || expiry != null && isRefilling(expiry.times(), position)) {
                goOn(work <= 0 ? 0 : delivery.config().retryMillis());
            }
            return done;
        } catch (IOException e) {
            failed(e);
            return false;
        }
    }

    private static boolean isRefilling(DueTimes times, long surveyedEnd) {
        return times != null && times.refilling(surveyedEnd);
    }

    private long surveyTo(long end, long budget) throws IOException {
        PartitionLog log = delivery.partition().log();
        long work = budget;
        while (position < end && work > 0) {
            long next = log.nextUnordered(Math.max(position, log.startOffset()));
            if (next >= end) {
                position = end;
                break;
            }
            Acquirer acquirer = delivery.context().acquirer();
            long reached = acquirer.survey(delivery.partition(), next, end, work, this::found);
            work = acquirer.workLeft();
            if (reached == next) {
                break;
            }
            position = reached;
        }
        return work;
    }

    private void found(long offset, RecordOrder order) {
        if (order.expiryMillis > 0) {
            if (expiry == null) {
                expiry = new ExpirySweep(delivery);
            }
            expiry.times().postpone(offset, ExpirySweep.lookMillis(order.expiryMillis));
        }
        boolean later = order.dueMillis > delivery.context().clock().millis();
        if (order.priority == OrderIndex.DEFAULT_LEVEL && !later && !order.keyed) {
            return;
        }
        if (index == null) {
            index = new OrderIndex();
        }
        index.prioritize(offset, order.priority);
        if (order.keyed) {
            index.keyed(offset);
        }
        if (later) {
            if (times == null) {
                times = new DueTimes(delivery, index, delivery.context().dueTimesMax(), this::due);
            }
            times.postpone(offset, order.dueMillis);
        }
    }

    private void due(OffsetRanges offsets) {
        due.accept(offsets);
    }

    /** @param expiries of {@link ExpirySweep}, and not of delivery times */
    private long refill(DueTimes of, long budget, boolean expiries) throws IOException {
        long work = budget;
        while (work > 0 && of.refillPosition() < of.refillEnd()) {
            Acquirer acquirer = delivery.context().acquirer();
            long from = of.refillPosition();
            long reached = acquirer.survey(
                    delivery.partition(),
                    from,
                    Math.min(of.refillEnd(), from + OffsetSet.CHUNK),
                    work,
                    (offset, order) ->
                            of.refill(offset, expiries ? ExpirySweep.lookMillis(order.expiryMillis) : order.dueMillis));
            work = acquirer.workLeft();
            if (reached == from) {
                break;
            }
            of.refilledTo(reached);
        }
        return work;
    }

    /** What every group has behind it is forgotten. */
    private void trim() {
        if (index == null && expiry == null) {
            return;
        }
        long keepFrom = Math.max(delivery.keepFrom(), delivery.partition().log().startOffset());
        if (expiry != null) {
            expiry.trim(keepFrom);
        }
        if (index == null) {
            return;
        }
        if (keepFrom >= index.end()) {
            close(false);
        } else {
            index.trim(keepFrom);
        }
    }

    private void goOn(long afterMillis) {
        if (!queued && !closed) {
            queued = true;
            delivery.partition().owner().schedule(() -> delivery.run(this::again), afterMillis * 1_000_000L);
        }
    }

    private void again() {
        queued = false;
        if (!closed && delivery.working()) {
            delivery.pumpAll();
        }
    }

    private void failed(IOException failure) {
        if (failure instanceof LogException refusal && refusal.reason() == LogException.Reason.OFFLINE) {
            delivery.broken(failure);
            return;
        }
        delivery.context().log().warn("cannot read {} at {}", delivery, position, failure);
        goOn(delivery.config().retryMillis());
    }

    /** Nothing becomes due any more. */
    void close() {
        close(true);
    }

    private void close(boolean forEver) {
        closed |= forEver;
        if (forEver && expiry != null) {
            expiry.close();
            expiry = null;
        }
        index = null;
        if (times != null) {
            times.close();
            times = null;
        }
    }
}
