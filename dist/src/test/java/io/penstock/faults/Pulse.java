package io.penstock.faults;

import java.util.Arrays;

/** When something succeeded, again and again, and how long it did not. Any thread. */
final class Pulse {
    private final String name;
    private long[] nanos = new long[1024];
    private int count;

    Pulse(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    synchronized void beat(long nowNanos) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = nowNanos;
    }

    synchronized int count() {
        return count;
    }

    /** The longest time without a beat that began or ended between the two; the one that is not over by then included. */
    synchronized long longestGapNanos(long fromNanos, long toNanos) {
        long longest = 0;
        long before = fromNanos;
        for (int i = 0; i < count && nanos[i] - toNanos < 0; i++) {
            if (nanos[i] - fromNanos >= 0) {
                longest = Math.max(longest, nanos[i] - before);
            }
            before = nanos[i];
        }
        return Math.max(longest, toNanos - Math.max(before, fromNanos));
    }
}
