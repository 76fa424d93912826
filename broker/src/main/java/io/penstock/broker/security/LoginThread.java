package io.penstock.broker.security;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A thread that does what event loops must not: {@code penstock-passwords} hashes those of PLAIN, and that it is one bounds what strangers
 * can make the broker compute; {@code penstock-logins} does the rest, such as the logins of brokers and reading the file of users. Made
 * and closed by the composition root.
 */
public final class LoginThread implements Executor, AutoCloseable {
    private static final int QUEUE_MAX = 2_000;

    private final ScheduledThreadPoolExecutor thread;

    public LoginThread(String name) {
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
    }

    /** @throws RejectedExecutionException when too many wait already */
    @Override
    public void execute(Runnable task) {
        if (thread.getQueue().size() >= QUEUE_MAX) {
            throw new RejectedExecutionException("too many logins at once");
        }
        thread.execute(task);
    }

    /** Repeats the task, with a pause in between. */
    public void repeat(Runnable task, long pauseMillis) {
        var unused = thread.scheduleWithFixedDelay(task, pauseMillis, pauseMillis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
