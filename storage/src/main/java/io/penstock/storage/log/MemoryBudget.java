package io.penstock.storage.log;

import java.util.concurrent.atomic.AtomicLong;

/** What all logs in memory may hold together. Any thread. */
public final class MemoryBudget {
    private final long bytesMax;
    private final AtomicLong taken = new AtomicLong();

    public MemoryBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    public long bytesMax() {
        return bytesMax;
    }

    public long takenBytes() {
        return taken.get();
    }

    /** False, and nothing is taken, when so much is not left. */
    boolean take(long bytes) {
        if (taken.addAndGet(bytes) <= bytesMax) {
            return true;
        }
        taken.addAndGet(-bytes);
        return false;
    }

    void giveBack(long bytes) {
        taken.addAndGet(-bytes);
    }
}
