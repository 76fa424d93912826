package io.penstock.storage.simulation;

import io.penstock.storage.time.Workers;
import java.util.concurrent.Executor;

/** Sync thread and I/O threads as events. {@link #kill} drops what they have not begun. */
public final class SimulatedWorkers implements Workers {
    private final SimulatedOwner sync;
    private final SimulatedOwner io;

    public SimulatedWorkers(SimulatedTime time, String name) {
        sync = new SimulatedOwner(time, name + "-sync", 500_000);
        io = new SimulatedOwner(time, name + "-io", 2_000_000);
    }

    @Override
    public Executor sync() {
        return sync;
    }

    @Override
    public Executor io() {
        return io;
    }

    public void kill() {
        sync.kill();
        io.kill();
    }

    @Override
    public void close() {
        // Tasks are events of the simulation's queue; they run, or not, when the queue does.
    }
}
