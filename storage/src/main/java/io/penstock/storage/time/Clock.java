package io.penstock.storage.time;

/** The time port. Wall clock time may jump; only {@link #nanos} measures durations. */
public interface Clock {

    /** Milliseconds since the epoch, as records and retention count them. */
    long millis();

    /** Monotonic nanoseconds from an arbitrary origin. */
    long nanos();
}
