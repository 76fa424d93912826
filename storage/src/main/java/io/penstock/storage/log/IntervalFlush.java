package io.penstock.storage.log;

import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Workers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Forces a log in the background after so many records or so long ({@code flush.messages}, {@code flush.ms}), and at once
 * for those who ask. Owner thread; the force itself runs on the sync thread.
 */
final class IntervalFlush {
    private final Owner owner;
    private final Workers workers;
    private final SegmentedLog log;
    private long unflushed;
    private boolean running;
    private Owner.Cancellable timer;
    private List<Consumer<IOException>> waiting = new ArrayList<>(0);
    /** Why nothing is forced any more. */
    private IOException stopped;

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

    /** Forces what was appended so far; {@code done} gets null, or why it is not on the disk. */
    void flushFor(Consumer<IOException> done) {
        if (stopped != null) {
            done.accept(stopped);
            return;
        }
        waiting.add(done);
        flush();
    }

    private void flush() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
        if (running || stopped != null) {
            return;
        }
        running = true;
        unflushed = 0;
        List<Consumer<IOException>> served = waiting;
        waiting = new ArrayList<>(0);
        workers.sync().execute(() -> {
            try {
                log.checkpoint();
                owner.execute(() -> flushed(served));
            } catch (IOException e) {
                // The log has taken itself offline, and said so.
                owner.execute(() -> {
                    stop(e);
                    served.forEach(each -> each.accept(e));
                });
            }
        });
    }

    private void flushed(List<Consumer<IOException>> served) {
        running = false;
        served.forEach(each -> each.accept(null));
        if (!waiting.isEmpty()) {
            flush();
        } else if (unflushed > 0 && !running) {
            // What came during the force waits for its turn, which the time limit gives it.
            LogConfig config = log.config();
            appended(0, config);
        }
    }

    void stop(IOException why) {
        stopped = why;
        if (timer != null) {
            timer.cancel();
        }
        waiting.forEach(each -> each.accept(why));
        waiting.clear();
    }
}
