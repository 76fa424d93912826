package io.penstock.storage.simulation;

import io.penstock.storage.time.Workers;
import java.util.concurrent.Executor;

/** Sync thread and I/O threads as events. {@link #kill} drops what they have not begun. */
public final class SimulatedWorkers implements Workers {
    private static final long SYNC_MAX_NANOS = 500_000;
    private static final long IO_MAX_NANOS = 2_000_000;

    private final SimulatedOwner sync;
    private final SimulatedOwner io;

    public SimulatedWorkers(SimulatedTime time, String name) {
        sync = new SimulatedOwner(time, name + "-sync", SYNC_MAX_NANOS);
        io = new SimulatedOwner(time, name + "-io", IO_MAX_NANOS);
    }

    @Override
    public Executor sync() {
        return sync;
    }

    @Override
    public Executor io() {
        return io;
    }

    public void pause() {
        sync.pause();
        io.pause();
    }

    public void resume() {
        sync.resume();
        io.resume();
    }

    /** The disk takes up to so long before each force, or, with 0, as long as usual. */
    public void slow(long nanos) {
        sync.slow(nanos == 0 ? SYNC_MAX_NANOS : nanos);
        io.slow(nanos == 0 ? IO_MAX_NANOS : nanos);
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
