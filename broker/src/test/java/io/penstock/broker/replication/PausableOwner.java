package io.penstock.broker.replication;

import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.time.Owner;
import java.util.ArrayDeque;

/** An owner whose process can be stopped for a while, as by SIGSTOP: what is due meanwhile runs when it goes on. */
final class PausableOwner implements Owner {
    private final SimulatedOwner inner;
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private boolean paused;

    PausableOwner(SimulatedOwner inner) {
        this.inner = inner;
    }

    @Override
    public boolean isCurrent() {
        return inner.isCurrent();
    }

    @Override
    public void execute(Runnable task) {
        inner.execute(() -> {
            if (paused || !held.isEmpty()) {
                held.add(task);
            } else {
                task.run();
            }
        });
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
        boolean[] cancelled = {false};
        Cancellable timer = inner.schedule(
                () -> execute(() -> {
                    if (!cancelled[0]) {
                        task.run();
                    }
                }),
                delayNanos);
        return () -> {
            cancelled[0] = true;
            timer.cancel();
        };
    }

    void pause() {
        paused = true;
    }

    boolean paused() {
        return paused;
    }

    void resume() {
        paused = false;
        inner.execute(this::runHeld);
    }

    private void runHeld() {
        if (!paused && !held.isEmpty()) {
            held.poll().run();
            inner.execute(this::runHeld);
        }
    }

    void kill() {
        inner.kill();
        held.clear();
    }
}
