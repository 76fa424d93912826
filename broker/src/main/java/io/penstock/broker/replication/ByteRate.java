package io.penstock.broker.replication;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * So many bytes in a second, over all partitions that share it. What is taken may be more than is free: who comes next
 * waits the longer, or the shorter when the rate is raised meanwhile. Any thread.
 */
final class ByteRate {
    private static final double NANOS_IN_SECOND = 1e9;

    private final LongSupplier bytesPerSecond;
    private final AtomicReference<Debt> debt;

    /** Bytes that were taken and that the rate had not allowed by then. */
    private record Debt(double bytes, long atNanos) {
        Debt at(long nanos, long rate) {
            double paid = Math.max(0, nanos - atNanos) / NANOS_IN_SECOND * rate;
            return new Debt(Math.max(0, bytes - paid), Math.max(atNanos, nanos));
        }
    }

    /** @param bytesPerSecond as it is now; {@link Long#MAX_VALUE} sets no limit */
    ByteRate(LongSupplier bytesPerSecond, long nowNanos) {
        this.bytesPerSecond = bytesPerSecond;
        this.debt = new AtomicReference<>(new Debt(0, nowNanos));
    }

    /** How long nothing may be taken from now on; 0 when something may. */
    long waitNanos(long nowNanos) {
        long rate = rate();
        return rate == Long.MAX_VALUE
                ? 0
                : (long) Math.ceil(debt.get().at(nowNanos, rate).bytes() / rate * NANOS_IN_SECOND);
    }

    void took(long bytes, long nowNanos) {
        long rate = rate();
        if (rate != Long.MAX_VALUE) {
            debt.updateAndGet(before -> {
                Debt now = before.at(nowNanos, rate);
                return new Debt(now.bytes() + bytes, now.atNanos());
            });
        }
    }

    /** No more than this at once, so that the rate is kept in each second or so. */
    int atOnce(int bytesMax) {
        return (int) Math.min(bytesMax, rate());
    }

    private long rate() {
        return Math.max(1, bytesPerSecond.getAsLong());
    }
}
