package io.penstock.storage.simulation;

import io.penstock.storage.time.Clock;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * Simulated time with its queue of events: the one source of order and chance of a simulation. Single thread. Events
 * at the same instant run in an order that the seed decides; what must stay in order (an owner's tasks) is queued by
 * {@link SimulatedOwner}.
 */
public final class SimulatedTime implements Clock {
    /** A day in 2026, so that timestamps look like timestamps. */
    private static final long EPOCH_MILLIS = 1_790_000_000_000L;

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final SeededRandom random;
    private long nowNanos;
    private long wallOffsetMillis;
    private long sequence;
    private long eventsRun;

    public SimulatedTime(long seed) {
        random = new SeededRandom(seed);
    }

    /** The seeded source of chance; whoever draws from it takes part in the order of draws. */
    public RandomGenerator random() {
        return random;
    }

    @Override
    public long millis() {
        return EPOCH_MILLIS + wallOffsetMillis + nowNanos / 1_000_000;
    }

    @Override
    public long nanos() {
        return nowNanos;
    }

    /** Lets the wall clock, not the monotonic one, jump. */
    public void jumpWallClock(long millis) {
        wallOffsetMillis += millis;
    }

    public Event after(long delayNanos, Runnable task) {
        Event event = new Event(nowNanos + Math.max(0, delayNanos), random.nextInt(), sequence++, task);
        events.add(event);
        return event;
    }

    /** Runs the next event; false when there is none. */
    public boolean step() {
        while (!events.isEmpty()) {
            Event event = events.poll();
            if (event.task != null) {
                nowNanos = event.atNanos;
                Runnable task = event.task;
                event.task = null;
                eventsRun++;
                task.run();
                return true;
            }
        }
        return false;
    }

    /** Runs events until none is due within {@code durationNanos} from now, then sets the time to that. */
    public void runFor(long durationNanos) {
        long until = nowNanos + durationNanos;
        while (!events.isEmpty() && events.peek().atNanos <= until) {
            step();
        }
        nowNanos = Math.max(nowNanos, until);
    }

    /**
     * Runs events until {@code condition} holds.
     *
     * @return false when the time limit passed, or no event was left, before it held
     */
    public boolean runUntil(BooleanSupplier condition, long limitNanos) {
        long until = nowNanos + limitNanos;
        while (!condition.getAsBoolean()) {
            if (events.isEmpty() || events.peek().atNanos > until) {
                return condition.getAsBoolean();
            }
            step();
        }
        return true;
    }

    /** Events that have run: with the same seed always the same number. */
    public long eventsRun() {
        return eventsRun;
    }

    /** One event in the queue. */
    public static final class Event implements Comparable<Event> {
        private final long atNanos;
        private final int lot;
        private final long sequence;
        private Runnable task;

        private Event(long atNanos, int lot, long sequence, Runnable task) {
            this.atNanos = atNanos;
            this.lot = lot;
            this.sequence = sequence;
            this.task = task;
        }

        public void cancel() {
            task = null;
        }

        @Override
        public int compareTo(Event other) {
            int order = Long.compare(atNanos, other.atNanos);
            if (order == 0) {
                order = Integer.compare(lot, other.lot);
            }
            return order != 0 ? order : Long.compare(sequence, other.sequence);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(sequence);
        }
    }
}
