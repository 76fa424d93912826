package io.penstock.jms.session;

import io.penstock.jms.thread.LibraryThread;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs listeners and callbacks of all connections of a class loader. Threads are made when all are busy, since a listener
 * may wait for another one, and end when idle; the number of sessions at work bounds them, since each runs one listener
 * and one callback at a time.
 */
final class Workers {
    private static final int IDLE_SECONDS = 10;
    private static final AtomicInteger LAST = new AtomicInteger();
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), Workers::thread);

    private Workers() {}

    private static Thread thread(Runnable task) {
        return LibraryThread.daemon(task, "penstock-jms-listener-" + LAST.incrementAndGet());
    }

    static void run(Runnable task) {
        POOL.execute(task);
    }
}
