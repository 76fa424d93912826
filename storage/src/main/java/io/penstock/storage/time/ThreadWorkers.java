package io.penstock.storage.time;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Workers on daemon threads {@code NAME-sync} and {@code NAME-io}. Nobody interrupts them: that would close files. */
public final class ThreadWorkers implements Workers {
    private static final Logger log = LoggerFactory.getLogger(ThreadWorkers.class);

    private final ExecutorService sync;
    private final ExecutorService io;

    public ThreadWorkers(String name, int ioThreads) {
        sync = pool(name + "-sync", 1);
        io = pool(name + "-io", ioThreads);
    }

    private static ExecutorService pool(String name, int threads) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(threads, threads, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    thread.setUncaughtExceptionHandler((t, e) -> log.error("a task of {} failed", name, e));
                    return thread;
                });
        pool.allowCoreThreadTimeOut(threads > 1);
        return pool;
    }

    @Override
    public Executor sync() {
        return sync;
    }

    @Override
    public Executor io() {
        return io;
    }

    @Override
    public void close() {
        io.shutdown();
        try {
            if (!io.awaitTermination(60, TimeUnit.SECONDS)) {
                log.warn("I/O tasks still run after 60 s");
            }
            sync.shutdown();
            if (!sync.awaitTermination(60, TimeUnit.SECONDS)) {
                log.warn("a force still runs after 60 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
