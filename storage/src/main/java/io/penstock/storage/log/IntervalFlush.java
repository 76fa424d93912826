package io.penstock.storage.log;

import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Workers;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Forces a log in the background after so many records or so long ({@code flush.messages}, {@code flush.ms}). Owner
 * thread; the force itself runs on the sync thread.
 */
final class IntervalFlush {
    private final Owner owner;
    private final Workers workers;
    private final SegmentedLog log;
    private long unflushed;
    private boolean running;
    private Owner.Cancellable timer;
    private boolean stopped;

    IntervalFlush(Owner owner, Workers workers, SegmentedLog log) {
        this.owner = owner;
        this.workers = workers;
        this.log = log;
    }

    void appended(long records, LogConfig config) {
        unflushed += records;
        if (unflushed >= config.flushMessages()) {
            flush();
        } else if (timer == null && !running) {
            timer = owner.schedule(this::flush, TimeUnit.MILLISECONDS.toNanos(config.flushMillis()));
        }
    }

    private void flush() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        if (running || stopped) {
            return;
        }
        running = true;
        unflushed = 0;
        workers.sync().execute(() -> {
            try {
                log.checkpoint();
                owner.execute(this::flushed);
            } catch (IOException e) {
                // The log has taken itself offline, and said so.
                owner.execute(this::stop);
            }
        });
    }

    private void flushed() {
        running = false;
        if (unflushed > 0) {
            // What came during the force waits for its turn, which the time limit gives it.
            LogConfig config = log.config();
            appended(0, config);
        }
    }

    void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
