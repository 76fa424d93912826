package io.penstock.storage.time;

import java.util.concurrent.Executor;

/**
 * The port to the threads that may block on a disk. The simulation runs their tasks as events.
 *
 * <p>{@link #sync} is serial: one thread for each disk, which writes and forces the journal. {@link #io} may run tasks
 * side by side: checkpoints, opening and recovery of logs, directory work.
 */
public interface Workers extends AutoCloseable {

    Executor sync();

    Executor io();

    /** Runs what is queued and ends the threads. */
    @Override
    void close();
}
