package io.penstock.broker.wire;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of all requests that are in work. Connections that find it spent stop reading and wait here; there are at most
 * as many as connections. Any thread.
 */
final class RequestBudget {
    private final long bytesMax;
    private final AtomicLong bytes = new AtomicLong();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

    RequestBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void take(int count) {
        bytes.addAndGet(count);
    }

    void giveBack(int count) {
        if (bytes.addAndGet(-count) <= bytesMax && !waiting.isEmpty()) {
            wake();
        }
    }

    boolean spent() {
        return bytes.get() > bytesMax;
    }

    long bytes() {
        return bytes.get();
    }

    /** Runs {@code resume}, on any thread, once there is budget again; at once when there is. */
    void whenAvailable(Runnable resume) {
        waiting.add(resume);
        // Budget may have come back between the caller's look and the line above.
        if (!spent()) {
            wake();
        }
    }

    private void wake() {
        for (Runnable resume = waiting.poll(); resume != null; resume = waiting.poll()) {
            resume.run();
        }
    }
}
