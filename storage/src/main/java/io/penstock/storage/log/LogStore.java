package io.penstock.storage.log;

import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * All logs below the data directories: opens them lazily, forces them, recovers them, bounds the number of open
 * files. One for a broker; closed by it, last of all.
 */
public interface LogStore extends AutoCloseable {

    /**
     * Opens a log, recovering or creating it, on the store's own I/O threads.
     *
     * @param owner whose thread will call the log from then on, and on which listeners are called
     */
    CompletionStage<PartitionLog> open(LogId id, LogConfig config, Owner owner);

    /** As {@link #open}, on the caller's thread: for small fresh logs, tests and the simulation. */
    PartitionLog openNow(LogId id, LogConfig config, Owner owner) throws IOException;

    /**
     * Closes one log, so that it can be opened again: after a failed force has taken it offline that recovers it, from
     * the journal and from what can be read. Its owner calls this, or has stopped using the log; who waits for
     * durability is told. Appends to the closed log are refused.
     *
     * @return done when the log may be opened again; at once when it is not open
     */
    CompletionStage<Void> close(LogId id);

    /** True when there is such a log on disk, open or not. */
    boolean exists(LogId id);

    /** Every log that is on disk. */
    Set<LogId> logs();

    /** How large the files of some logs are, looked up on the store's own I/O threads; those that are gone are left out. */
    CompletionStage<Map<LogId, Long>> sizesBytes(Collection<LogId> ids);

    /** Removes a log and its files; slices that are still read keep theirs. */
    CompletionStage<Void> delete(LogId id);

    /** True when the previous run ended with a clean {@link #close}. */
    boolean startedClean();

    /** Forces everything, writes the clean-shutdown marker, closes all files. Owners must have stopped appending. */
    @Override
    void close() throws IOException;
}
