package io.penstock.storage.time;

import java.util.concurrent.Executor;

/**
 * A serial executor that owns state: what it runs never overlaps, so the state that belongs to it needs no lock. In
 * production an owner is an event loop; the simulation supplies its own. Tasks must not block.
 */
public interface Owner extends Executor {

    /** True when called from a task of this owner, that is, when owned state may be touched. */
    boolean isCurrent();

    /** Runs {@code task} here after {@code delayNanos}, unless it is cancelled first. Any thread may call. */
    Cancellable schedule(Runnable task, long delayNanos);

    /** Runs at once when called by the owner itself, otherwise as {@link #execute}. */
    default void run(Runnable task) {
        if (isCurrent()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /** Throws when another thread than the owner's calls: a broken invariant, not an expected error. */
    default void requireCurrent() {
        if (!isCurrent()) {
            throw new IllegalStateException("called outside of the owner's thread: "
                    + Thread.currentThread().getName());
        }
    }

    /** A scheduled task. */
    interface Cancellable {
        /** Has no effect once the task runs or ran. */
        void cancel();
    }
}
