package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of each log's durability, and how it grows: a checkpoint forces the segments of all logs and then
 * gives the journal's older files free. A log of which a force failed is never forced again (invariant 25); it keeps
 * the journal from the generation on in which its last good checkpoint was, until it was recovered or deleted.
 *
 * <p>Any thread that may block; one checkpoint at a time.
 */
final class Checkpoints {
    private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);

    private final Disk disk;
    private final Path directory;
    private final Path logsDirectory;
    private final Map<LogId, SegmentedLog> open;
    private final Set<LogId> onDisk;
    private final Map<LogId, Checkpoint.Entry> known = new ConcurrentHashMap<>();
    /** Logs of which a force failed, with the journal's generation that recovery needs. */
    private final Map<LogId, Long> uncertain = new ConcurrentHashMap<>();
    /** Files that a replay has written and nobody has forced yet. */
    private final Map<Path, LogId> replayed = new LinkedHashMap<>();

    private long journalFrom;
    /** Deletions of logs so far; a log that is made again under the same id is another one. */
    private final AtomicLong deletions;

    Checkpoints(Disk disk, Path directory, Path logsDirectory, Map<LogId, SegmentedLog> open, Set<LogId> onDisk)
            throws IOException {
        this.disk = disk;
        this.directory = directory;
        this.logsDirectory = logsDirectory;
        this.open = open;
        this.onDisk = onDisk;
        Checkpoint found = Checkpoint.read(disk, directory);
        known.putAll(found.logs());
        journalFrom = found.journalFrom();
        deletions = new AtomicLong(found.deletions());
    }

    long journalFrom() {
        return journalFrom;
    }

    Map<LogId, Checkpoint.Entry> known() {
        return known;
    }

    long deletions() {
        return deletions.get();
    }

    /** The journal knew of so many. */
    void deletionsReplayed(long count) {
        deletions.accumulateAndGet(count, Math::max);
    }

    Checkpoint.Entry of(LogId id) {
        return known.getOrDefault(id, Checkpoint.Entry.NONE);
    }

    synchronized void replayed(Map<Path, LogId> files) {
        replayed.putAll(files);
    }

    /** Forces what the journal's older files hold, and gives those free. */
    synchronized void run(Journal journal) {
        if (journal.failure() != null) {
            return;
        }
        try {
            long from = journal.currentGeneration();
            forceReplayed();
            open.forEach(this::force);
            long needed =
                    uncertain.values().stream().mapToLong(Long::longValue).min().orElse(from);
            write(Math.min(from, needed));
            journal.release(journalFrom);
        } catch (IOException e) {
            log.error("A checkpoint of {} failed; the journal keeps its files", directory, e);
        }
    }

    /** Forces all for a clean end. @throws IOException when not everything is known to be durable */
    synchronized void close(Journal journal) throws IOException {
        if (journal.failure() != null) {
            throw new IOException("the journal failed before; the next start recovers", journal.failure());
        }
        forceReplayed();
        open.forEach((id, opened) -> close(id, opened, false));
        if (!uncertain.isEmpty()) {
            throw new IOException("forces of " + uncertain.keySet() + " failed before; the next start recovers them");
        }
        write(journal.currentGeneration() + 1);
    }

    private void force(LogId id, SegmentedLog opened) {
        try {
            keep(id, opened, opened.checkpoint());
        } catch (IOException e) {
            doubt(id, opened, e);
        }
    }

    /** Unless the log was deleted meanwhile: that must not be said of the next one with its id. */
    private void keep(LogId id, SegmentedLog opened, Checkpoint.Entry entry) {
        known.compute(id, (same, before) -> open.get(id) == opened ? entry : before);
    }

    /** Forces and closes one log; when that fails, or a force failed before, it is recovered when it is opened again. */
    synchronized void close(LogId id, SegmentedLog opened, boolean evenWhenOffline) {
        try {
            keep(id, opened, opened.close());
        } catch (IOException e) {
            doubt(id, opened, e);
            if (evenWhenOffline) {
                keep(id, opened, opened.uncertain());
                opened.abandon();
            }
        }
    }

    /** A force of the log failed: what was written since its last good checkpoint may be lost, but for the journal. */
    synchronized void doubt(LogId id, IOException cause) {
        doubt(id, null, cause);
    }

    /** @param opened the log as it was opened, null when it was not: nothing is in doubt when that was deleted meanwhile */
    private void doubt(LogId id, SegmentedLog opened, IOException cause) {
        Long from = uncertain.computeIfAbsent(id, same -> {
            if (opened != null && open.get(id) != opened) {
                return null;
            }
            log.warn("Log {} needs recovery; until then the journal keeps what it has of it", id, cause);
            return journalFrom;
        });
        if (from != null) {
            replayed.values().removeIf(id::equals);
        }
    }

    boolean isUncertain(LogId id) {
        return uncertain.containsKey(id);
    }

    /** The log was recovered, and all of it forced anew. */
    synchronized void recovered(LogId id) {
        uncertain.remove(id);
    }

    /**
     * The log is deleted.
     *
     * @return the number of the deletion, by which a replay knows whether a checkpoint was written before it
     */
    long forget(LogId id) {
        known.remove(id);
        uncertain.remove(id);
        // Last: a checkpoint that counts this deletion must not have the log any more.
        return deletions.incrementAndGet();
    }

    private void forceReplayed() throws IOException {
        Map<Path, LogId> directories = new LinkedHashMap<>();
        Map<Path, LogId> files = new LinkedHashMap<>(replayed);
        replayed.clear();
        files.forEach((path, id) -> {
            if (!isUncertain(id) && disk.exists(path)) {
                attempt(id, () -> {
                    try (DiskFile file = disk.open(path, false)) {
                        file.force(true);
                    }
                });
                directories.put(path.getParent(), id);
            }
        });
        directories.forEach((path, id) -> {
            if (disk.exists(path)) {
                attempt(id, () -> disk.syncDirectory(path));
            }
        });
        if (!directories.isEmpty()) {
            try {
                disk.syncDirectory(logsDirectory);
            } catch (IOException e) {
                Set<LogId> ids = new HashSet<>(directories.values());
                ids.forEach(id -> failed(id, e));
                throw e;
            }
        }
    }

    private interface Attempt {
        void run() throws IOException;
    }

    private void attempt(LogId id, Attempt attempt) {
        try {
            attempt.run();
        } catch (IOException e) {
            failed(id, e);
        }
    }

    private void failed(LogId id, IOException cause) {
        doubt(id, cause);
        SegmentedLog opened = open.get(id);
        if (opened != null) {
            opened.failOffline(cause);
        }
    }

    private void write(long from) throws IOException {
        // First: see forget.
        long counted = deletions.get();
        Map<LogId, Checkpoint.Entry> entries = new HashMap<>(known);
        entries.keySet().retainAll(onDisk);
        new Checkpoint(from, entries, counted).write(disk, directory);
        journalFrom = from;
    }
}
