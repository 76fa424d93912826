package io.penstock.broker.wire;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of all requests that are in work, and of large ones that have arrived in part. Connections that find it spent
 * stop reading and wait here; there are at most as many as connections. Any thread.
 *
 * <p>What is in work ends by itself, what has arrived in part only when its client goes on. So parts may take half of the
 * whole, and while they take more only the oldest of them is read: those who send whole requests always have the other
 * half. A read that is under way ends before anybody is held, so parts may take more than half by one read of each
 * connection; that does not count against whole requests.
 */
final class RequestBudget {
    private final long bytesMax;
    private final AtomicLong bytes = new AtomicLong();
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    /** Bytes by holder, the oldest first; guarded by itself. */
    private final Map<Object, Integer> parts = new LinkedHashMap<>();

    private final AtomicLong partBytes = new AtomicLong();
    private final Queue<Runnable> waitingWithPart = new ConcurrentLinkedQueue<>();

    RequestBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    void take(int count) {
        bytes.addAndGet(count);
    }

    void giveBack(int count) {
        bytes.addAndGet(-count);
        wakeIfNotSpent();
    }

    private void wakeIfNotSpent() {
        if (!waiting.isEmpty() && !spent()) {
            wake(waiting);
        }
    }

    boolean spent() {
        return bytes.get() + Math.min(partBytes.get(), bytesMax / 2) > bytesMax;
    }

    long bytes() {
        return bytes.get() + partBytes.get();
    }

    /** Runs {@code resume}, on any thread, once there is budget again; at once when there is. */
    void whenAvailable(Runnable resume) {
        waiting.add(resume);
        // Budget may have come back between the caller's look and the line above.
        if (!spent()) {
            wake(waiting);
        }
    }

    /** What {@code holder} has of a frame that is not whole is {@code count} bytes now; 0 when there is none any more. */
    void part(Object holder, int count) {
        int before;
        synchronized (parts) {
            Integer known = count == 0 ? parts.remove(holder) : parts.put(holder, count);
            before = known == null ? 0 : known;
            if (count > 0 && count < before) {
                // That frame was whole, and this is another one.
                parts.remove(holder);
                parts.put(holder, count);
            }
        }
        partBytes.addAndGet(count - before);
        if (count < before) {
            wakeIfNotSpent();
            wake(waitingWithPart);
        }
    }

    boolean partsSpent() {
        return partBytes.get() > bytesMax / 2;
    }

    /** Whether {@code holder} of a part may receive more of it. */
    boolean partMayGrow(Object holder) {
        if (!partsSpent()) {
            return true;
        }
        synchronized (parts) {
            return parts.isEmpty() || parts.keySet().iterator().next() == holder;
        }
    }

    /** Runs {@code resume}, on any thread, when somebody's part has become whole or has gone; at once if that was now. */
    void whenPartMayGrow(Object holder, Runnable resume) {
        waitingWithPart.add(resume);
        if (partMayGrow(holder)) {
            wake(waitingWithPart);
        }
    }

    private static void wake(Queue<Runnable> waiting) {
        for (Runnable resume = waiting.poll(); resume != null; resume = waiting.poll()) {
            resume.run();
        }
    }
}
