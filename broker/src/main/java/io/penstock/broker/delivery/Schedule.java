package io.penstock.broker.delivery;

import io.penstock.storage.time.Owner;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Offsets with the times at which they become due: a heap in primitive arrays (16 bytes each), and one timer of the
 * owner, for the earliest. Nothing runs while nothing is due, except a look every few seconds that notices a clock that
 * has jumped. Never early by the wall clock; what somebody has settled meanwhile is told all the same, and to be passed
 * over by the listener.
 *
 * <p>Owner thread only. Closed by who made it, with the delivery or the group that it serves.
 */
final class Schedule {

    /** Told in one turn of the owner; then others are served first. */
    private static final int DUE_MAX = 8192;

    /** The longest wait of the timer: a wall clock that jumps forward is noticed so much later. */
    private static final long LOOK_MILLIS = 5_000;

    /** Samples of which {@link #keepEarlier} takes the median. */
    private static final int SAMPLES = 1023;

    private static final long[] NOTHING = {};

    private final DeliveryContext context;
    private final Owner owner;
    private final Consumer<Runnable> guard;
    private final Consumer<OffsetRanges> listener;

    private long[] dues = NOTHING;
    private long[] offsets = NOTHING;
    private int size;

    private Owner.Cancellable timer;
    /** What the timer was set for. */
    private long timerMillis = Long.MAX_VALUE;

    private boolean closed;

    /**
     * @param guard runs a task of the owner, and sees to what nobody expected in it: {@link PartitionDelivery#run}
     * @param listener told offsets that have become due, at most some thousand in one call, each once for each
     *     {@link #add}
     */
    Schedule(DeliveryContext context, Owner owner, Consumer<Runnable> guard, Consumer<OffsetRanges> listener) {
        this.context = context;
        this.owner = owner;
        this.guard = guard;
        this.listener = listener;
    }

    /** Tells {@code offset} to the listener once {@code dueMillis} (of the wall clock) has come; never from in here. */
    void add(long offset, long dueMillis) {
        if (size == dues.length) {
            int capacity = Math.max(16, size + (size >> 1));
            dues = Arrays.copyOf(dues, capacity);
            offsets = Arrays.copyOf(offsets, capacity);
        }
        int at = size++;
        for (int parent = (at - 1) >>> 1; at > 0 && isBefore(dueMillis, offset, parent); parent = (at - 1) >>> 1) {
            put(at, dues[parent], offsets[parent]);
            at = parent;
        }
        put(at, dueMillis, offset);
        if (at == 0) {
            arm();
        }
    }

    /** How many wait. */
    int size() {
        return size;
    }

    /** When the earliest is due, {@link Long#MAX_VALUE} for none. */
    long nextMillis() {
        return size == 0 ? Long.MAX_VALUE : dues[0];
    }

    /**
     * Forgets about half, the later ones, so that memory stays bounded; who made the schedule finds these again.
     *
     * @return the first, in order of time and then of offset, that was forgotten
     */
    Due keepEarlier() {
        Due pivot = median();
        int kept = 0;
        for (int at = 0; at < size; at++) {
            if (pivot.isAfter(dues[at], offsets[at])) {
                put(kept++, dues[at], offsets[at]);
            }
        }
        size = kept;
        for (int at = (size >>> 1) - 1; at >= 0; at--) {
            sink(at);
        }
        return pivot;
    }

    /** A time, and among those of one time an offset. */
    record Due(long millis, long offset) {
        static final Due NEVER = new Due(Long.MAX_VALUE, Long.MAX_VALUE);

        boolean isAfter(long otherMillis, long otherOffset) {
            return otherMillis < millis || otherMillis == millis && otherOffset < offset;
        }
    }

    private Due median() {
        int step = Math.max(1, size / SAMPLES);
        Due[] samples = new Due[(size + step - 1) / step];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = new Due(dues[i * step], offsets[i * step]);
        }
        Arrays.sort(samples, (one, other) -> one.equals(other) ? 0 : other.isAfter(one.millis, one.offset) ? -1 : 1);
        return samples[samples.length / 2];
    }

    private void arm() {
        if (closed || size == 0 || timer != null && timerMillis <= dues[0]) {
            return;
        }
        if (timer != null) {
            timer.cancel();
        }
        timerMillis = dues[0];
        long waitMillis = Math.max(0, Math.min(timerMillis - context.clock().millis(), LOOK_MILLIS));
        timer = owner.schedule(() -> guard.accept(this::look), waitMillis * 1_000_000L);
    }

    private void look() {
        timer = null;
        if (closed) {
            return;
        }
        long now = context.clock().millis();
        long[] due = NOTHING;
        int count = 0;
        while (size > 0 && dues[0] <= now && count < DUE_MAX) {
            if (count == due.length) {
                due = Arrays.copyOf(due, Math.max(16, 2 * count));
            }
            due[count++] = offsets[0];
            removeFirst();
        }
        if (size == 0 && dues.length > DUE_MAX) {
            dues = NOTHING;
            offsets = NOTHING;
        }
        if (size > 0 && dues[0] <= now) {
            timerMillis = dues[0];
            timer = owner.schedule(() -> guard.accept(this::look), 0);
        } else {
            arm();
        }
        if (count > 0) {
            Arrays.sort(due, 0, count);
            OffsetRanges ranges = new OffsetRanges();
            for (int i = 0; i < count; i++) {
                ranges.add(due[i], due[i]);
            }
            listener.accept(ranges);
        }
    }

    private void removeFirst() {
        size--;
        put(0, dues[size], offsets[size]);
        sink(0);
    }

    private void sink(int from) {
        int at = from;
        long due = dues[at];
        long offset = offsets[at];
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && isBefore(dues[child + 1], offsets[child + 1], child)) {
                child++;
            }
            if (!isBefore(dues[child], offsets[child], due, offset)) {
                break;
            }
            put(at, dues[child], offsets[child]);
            at = child;
        }
        put(at, due, offset);
    }

    private boolean isBefore(long due, long offset, int at) {
        return isBefore(due, offset, dues[at], offsets[at]);
    }

    private static boolean isBefore(long due, long offset, long otherDue, long otherOffset) {
        return due < otherDue || due == otherDue && offset < otherOffset;
    }

    private void put(int at, long due, long offset) {
        dues[at] = due;
        offsets[at] = offset;
    }

    /** Nothing is told any more. */
    void close() {
        closed = true;
        size = 0;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
