package io.penstock.storage.simulation;

import io.penstock.storage.time.Owner;
import java.util.ArrayDeque;

/**
 * An owner, or a serial worker, of a simulation: its tasks run in order, each as an event after a delay that the seed
 * draws, so that they interleave with those of others. {@link #pause} holds everything back, as SIGSTOP does, {@link
 * #kill} drops it, as the death of a process does.
 */
public final class SimulatedOwner implements Owner {
    private final SimulatedTime time;
    private final String name;
    private long delayMaxNanos;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private SimulatedOwner.Run running = Run.IDLE;
    private boolean current;
    private boolean paused;
    private boolean dead;

    private enum Run {
        IDLE,
        QUEUED
    }

    public SimulatedOwner(SimulatedTime time, String name) {
        this(time, name, 20_000);
    }

    /** @param delayMaxNanos upper limit of the delay before each task */
    public SimulatedOwner(SimulatedTime time, String name, long delayMaxNanos) {
        this.time = time;
        this.name = name;
        this.delayMaxNanos = delayMaxNanos;
    }

    @Override
    public boolean isCurrent() {
        return current;
    }

    @Override
    public void execute(Runnable task) {
        if (dead) {
            return;
        }
        tasks.add(task);
        wake();
    }

    private void wake() {
        if (running == Run.IDLE && !paused && !tasks.isEmpty()) {
            running = Run.QUEUED;
            time.after(time.random().nextLong(delayMaxNanos + 1), this::runNext);
        }
    }

    private void runNext() {
        running = Run.IDLE;
        Runnable task = dead || paused ? null : tasks.poll();
        if (task == null) {
            return;
        }
        runHere(task);
        wake();
    }

    /** Runs {@code task} now as if it were a task of this owner. */
    public void runHere(Runnable task) {
        boolean before = current;
        current = true;
        try {
            task.run();
        } finally {
            current = before;
        }
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
        boolean[] cancelled = {false};
        SimulatedTime.Event event = time.after(
                delayNanos,
                () -> execute(() -> {
                    if (!cancelled[0]) {
                        task.run();
                    }
                }));
        return () -> {
            cancelled[0] = true;
            event.cancel();
        };
    }

    /** Runs nothing until {@link #resume}; what is due meanwhile waits. */
    public void pause() {
        paused = true;
    }

    public void resume() {
        paused = false;
        wake();
    }

    /** Sets the upper limit of the delay before each task from now on. */
    public void slow(long nanos) {
        delayMaxNanos = nanos;
    }

    /** Drops all tasks, now and later. */
    public void kill() {
        dead = true;
        tasks.clear();
    }

    @Override
    public String toString() {
        return name;
    }
}
