package io.penstock.jms.session;

import java.util.ArrayDeque;
import java.util.Queue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks one at a time, in order, on a worker that is there only while there are tasks. Any thread. */
final class Serial {
    private static final Logger LOG = LoggerFactory.getLogger(Serial.class);

    private final ApplicationLoader applications = new ApplicationLoader();
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private Thread runner;
    private boolean busy;

    void execute(Runnable task) {
        synchronized (tasks) {
            tasks.add(task);
            if (busy) {
                return;
            }
            busy = true;
        }
        Workers.run(this::drain);
    }

    /** True on the thread that runs the tasks. */
    boolean isCurrentThread() {
        synchronized (tasks) {
            return Thread.currentThread().equals(runner);
        }
    }

    private void drain() {
        while (true) {
            Runnable task;
            synchronized (tasks) {
                task = tasks.poll();
                runner = task == null ? null : Thread.currentThread();
                if (task == null) {
                    busy = false;
                    return;
                }
            }
            try {
                applications.run(task);
            } catch (RuntimeException | Error e) {
                LOG.warn("an application's callback has thrown", e);
            }
        }
    }
}
