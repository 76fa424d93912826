package io.penstock.cli.demo;

/**
 * The longest time between two successes of one client, since it was told to look. Threads of the clients and of the
 * demo; every method is short and synchronized.
 */
final class Pause {
    private long lastNanos;
    private long longestNanos;
    private boolean looking;

    /** The client had a success. */
    synchronized void success() {
        long now = System.nanoTime();
        if (looking) {
            longestNanos = Math.max(longestNanos, now - lastNanos);
        }
        lastNanos = now;
    }

    /** Forgets the pauses so far; the one that goes on counts from now. */
    synchronized void look() {
        looking = true;
        longestNanos = 0;
        lastNanos = System.nanoTime();
    }

    /** Of those that are over, and of the one that goes on. */
    synchronized long longestMillis() {
        return Math.max(longestNanos, sinceNanos()) / 1_000_000;
    }

    /** Since the last success. */
    synchronized long sinceMillis() {
        return sinceNanos() / 1_000_000;
    }

    private long sinceNanos() {
        return looking ? System.nanoTime() - lastNanos : 0;
    }

    /** The client is about to stop: what follows is no pause. */
    synchronized void stop() {
        longestNanos = Math.max(longestNanos, sinceNanos());
        looking = false;
    }
}
