package io.penstock.broker.simulation;

import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Clock;

/** A machine's clock: another wall time than the world's, which may jump, and a monotonic time with its own origin. */
final class SkewedClock implements Clock {
    private final SimulatedTime time;
    private final long originNanos;
    private long skewMillis;

    SkewedClock(SimulatedTime time, long originNanos) {
        this.time = time;
        this.originNanos = originNanos;
    }

    void jump(long millis) {
        skewMillis += millis;
    }

    @Override
    public long millis() {
        return time.millis() + skewMillis;
    }

    @Override
    public long nanos() {
        return time.nanos() + originNanos;
    }
}
