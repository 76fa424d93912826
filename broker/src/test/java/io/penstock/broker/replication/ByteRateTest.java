package io.penstock.broker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class ByteRateTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void whatIsTakenIsPaidForInTime() {
        ByteRate rate = new ByteRate(() -> 1_000, 0);

        assertEquals(0, rate.waitNanos(0));
        rate.took(3_000, 0);
        assertEquals(3 * SECOND, rate.waitNanos(0));
        assertEquals(SECOND, rate.waitNanos(2 * SECOND));
        assertEquals(0, rate.waitNanos(3 * SECOND));
        // Nothing is saved up: a long silence buys no burst.
        rate.took(500, 100 * SECOND);
        assertEquals(SECOND / 2, rate.waitNanos(100 * SECOND));
        assertEquals(1_000, rate.atOnce(1 << 20));
    }

    @Test
    void overManySecondsTheRateIsKept() {
        ByteRate rate = new ByteRate(() -> 10_000, 0);
        long taken = 0;
        for (long now = 0; now < 60 * SECOND; now += SECOND / 100) {
            if (rate.waitNanos(now) == 0) {
                rate.took(2_500, now);
                taken += 2_500;
            }
        }
        assertTrue(taken > 590_000 && taken < 610_000, "taken in a minute: " + taken);
    }

    @Test
    void aNewRateHoldsAtOnce() {
        AtomicLong now = new AtomicLong(Long.MAX_VALUE);
        ByteRate rate = new ByteRate(now::get, 0);

        rate.took(1 << 30, 0);
        assertEquals(0, rate.waitNanos(0));
        now.set(100);
        assertEquals(0, rate.waitNanos(0));
        rate.took(1_000, 0);
        assertEquals(10 * SECOND, rate.waitNanos(0));
        now.set(1_000);
        assertEquals(SECOND, rate.waitNanos(0), "a debt is paid by the new rate");
        now.set(Long.MAX_VALUE);
        assertEquals(0, rate.waitNanos(0));
    }
}
