package io.penstock.broker.delivery;

import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.ArrayDeque;

/**
 * The {@code consumed} retention: moves the start of the records' log behind what every group has settled, some time
 * later. A partition where nothing is settled has no timer. Owner thread only.
 */
final class SettledReclaim {

    /** Marks of (time, offset) that are remembered for the slack; looks are spaced so that these suffice. */
    private static final int MARKS = 32;

    private static final int BACKOFF_MAX = 64;

    private final PartitionDelivery delivery;
    private final DeliveryContext context;
    private final SettledRetention retention;
    private ArrayDeque<Mark> marks;
    private Owner.Cancellable timer;
    private int backoff = 1;
    private boolean closed;

    /** All groups had settled everything below {@code offset} at {@code nanos}. */
    private record Mark(long nanos, long offset) {}

    SettledReclaim(PartitionDelivery delivery, DeliveryContext context, SettledRetention retention) {
        this.delivery = delivery;
        this.context = context;
        this.retention = retention;
    }

    void settledMoved() {
        if (timer == null && !closed && retention != SettledRetention.KEEP) {
            backoff = 1;
            schedule();
        }
    }

    private void schedule() {
        long every = Math.max(context.config().reclaimMillis(), retention.settledMillis() / MARKS);
        timer = delivery.partition().owner().schedule(() -> delivery.run(this::look), every * backoff * 1_000_000L);
    }

    private void look() {
        timer = null;
        if (closed || delivery.groupsNow().isEmpty()) {
            return;
        }
        long settled = Math.min(delivery.keepFrom(), delivery.partition().highWatermark());
        long mayGo = Math.min(settledLongEnough(settled), retention.releasableBelow());
        long start = delivery.partition().log().startOffset();
        if (mayGo > start) {
            backoff = 1;
            try {
                delivery.partition().advanceStartOffset(mayGo);
                start = mayGo;
            } catch (IOException e) {
                context.log().warn("records of {} below {} stay: {}", delivery, mayGo, e.toString());
            }
        } else {
            backoff = Math.min(2 * backoff, BACKOFF_MAX);
        }
        if (settled > start) {
            // Held back by the slack or by a Kafka group.
            schedule();
        }
    }

    /** The offset up to which everything was settled when the slack began. */
    private long settledLongEnough(long settled) {
        long slackNanos = retention.settledMillis() * 1_000_000L;
        if (slackNanos == 0) {
            return settled;
        }
        long now = context.clock().nanos();
        if (marks == null) {
            marks = new ArrayDeque<>();
        }
        if (marks.isEmpty() || marks.peekLast().offset < settled) {
            if (marks.size() > 2 * MARKS) {
                // The newest gives way: its offset is told later, never earlier, than it should be.
                marks.pollLast();
            }
            marks.add(new Mark(now, settled));
        }
        long offset = -1;
        while (!marks.isEmpty() && now - marks.peek().nanos >= slackNanos) {
            offset = marks.poll().offset;
        }
        return offset;
    }

    void close() {
        closed = true;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
