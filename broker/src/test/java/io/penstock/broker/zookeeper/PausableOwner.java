package io.penstock.broker.zookeeper;

import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Owner;
import java.util.ArrayDeque;

/** The thread of a simulated process that can be stopped for a while, as by SIGSTOP, and killed. */
final class PausableOwner implements Owner {
    private static final long DELAY_MAX_NANOS = 50_000;

    private final SimulatedTime time;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean queued;
    private boolean current;
    private boolean paused;
    private boolean dead;

    PausableOwner(SimulatedTime time) {
        this.time = time;
    }

    @Override
    public boolean isCurrent() {
        return current;
    }

    @Override
    public void execute(Runnable task) {
        if (!dead) {
            tasks.add(task);
            wake();
        }
    }

    private void wake() {
        if (!queued && !paused && !dead && !tasks.isEmpty()) {
            queued = true;
            time.after(time.random().nextLong(DELAY_MAX_NANOS + 1), () -> {
                queued = false;
                if (!paused && !dead && !tasks.isEmpty()) {
                    current = true;
                    try {
                        tasks.poll().run();
                    } finally {
                        current = false;
                    }
                }
                wake();
            });
        }
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
        return time.after(delayNanos, () -> execute(task))::cancel;
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        wake();
    }

    void kill() {
        dead = true;
        tasks.clear();
    }
}
