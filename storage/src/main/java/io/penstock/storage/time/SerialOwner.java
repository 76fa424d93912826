package io.penstock.storage.time;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An owner with a thread of its own, for tests and where there is no event loop. Closed by who made it; tasks that
 * come later are dropped.
 */
public final class SerialOwner implements Owner, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SerialOwner.class);

    private final ScheduledThreadPoolExecutor executor;
    private final String name;
    private volatile Thread thread;

    public SerialOwner(String name) {
        this.name = name;
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            thread = made;
            return made;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(guarded(task));
        } catch (RejectedExecutionException e) {
            log.debug("{} is closed; a task is dropped", name);
        }
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
        try {
            ScheduledFuture<?> future = executor.schedule(guarded(task), delayNanos, TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException e) {
            log.debug("{} is closed; a task is dropped", name);
            return () -> {};
        }
    }

    private Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                // A broken invariant of one task must not take away the thread of all others.
                log.error("a task of {} failed", name, e);
            }
        };
    }

    /** Runs what is queued, then ends the thread; waits for that unless the owner itself calls. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!isCurrent() && !executor.awaitTermination(10, TimeUnit.SECONDS)) {
                log.warn("{} still runs a task after 10 s", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
