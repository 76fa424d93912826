package io.penstock.broker.zookeeper;

import io.penstock.storage.time.Owner;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store's thread, {@code penstock-metadata}. Made and shut down by {@link ZooKeeperMetadataStore}. */
final class MetadataThread implements Owner {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataThread.class);

    private final ScheduledThreadPoolExecutor executor;
    private volatile Thread thread;

    MetadataThread() {
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, "penstock-metadata");
            created.setDaemon(true);
            thread = created;
            return created;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(() -> carefully(task));
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
        ScheduledFuture<?> scheduled = executor.schedule(() -> carefully(task), delayNanos, TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    /** An executor would keep what a task throws to itself. */
    private static void carefully(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("the metadata store failed at a step; it goes on with the next", e);
        }
    }

    void shutdown() {
        executor.shutdown();
    }
}
