package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.disk.DiskLock;
import io.penstock.storage.log.LogException.Reason;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All logs of one data directory, with their journal:
 *
 * <pre>
 * .lock | clean-shutdown | checkpoint | journal/NUMBER.journal | logs/TOPIC-PARTITION[-ledger]/OFFSET.log, .index, .producers
 * </pre>
 *
 * Thread safe. Closed by the broker after all owners have stopped; the workers are closed by who made them.
 */
public final class DirectoryLogStore implements LogStore {
    private static final Logger log = LoggerFactory.getLogger(DirectoryLogStore.class);
    private static final String CLEAN_SHUTDOWN = "clean-shutdown";

    private final StoreConfig config;
    private final StoreParts parts;
    private final Path logsDirectory;
    private final DiskLock lock;
    private final boolean startedClean;
    private final Map<LogId, SegmentedLog> open = new ConcurrentHashMap<>();
    /** What is known of logs that are not open. */
    private final Map<LogId, Checkpoint.Entry> known = new ConcurrentHashMap<>();

    private final Set<LogId> onDisk = ConcurrentHashMap.newKeySet();
    private final Set<Path> replayedFiles = new HashSet<>();
    private final AtomicBoolean checkpointWanted = new AtomicBoolean();
    private final Object checkpointLock = new Object();
    private long journalFrom;
    private volatile boolean closed;

    /**
     * Locks and opens a data directory, making it when it is missing, and replays its journal.
     *
     * @throws IOException when the directory is in use, or cannot be read or written
     */
    public static DirectoryLogStore open(StoreConfig config, Disk disk, Clock clock, Workers workers)
            throws IOException {
        SideFiles.createDurably(disk, config.directory());
        DiskLock lock = disk.lock(config.directory().resolve(".lock"));
        try {
            return new DirectoryLogStore(config, disk, clock, workers, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private DirectoryLogStore(StoreConfig config, Disk disk, Clock clock, Workers workers, DiskLock lock)
            throws IOException {
        this.config = config;
        this.lock = lock;
        Path directory = config.directory();
        logsDirectory = directory.resolve("logs");
        Path marker = directory.resolve(CLEAN_SHUTDOWN);
        startedClean = disk.exists(marker);
        if (startedClean) {
            // First of all: a crash during this start must not look clean (invariant 9).
            disk.delete(marker);
            disk.syncDirectory(directory);
        }
        SideFiles.createDurably(disk, logsDirectory);
        SideFiles.createDurably(disk, directory.resolve("journal"));
        for (String name : disk.list(logsDirectory)) {
            LogNames.logId(name).ifPresent(onDisk::add);
        }
        Checkpoint checkpoint = Checkpoint.read(disk, directory);
        known.putAll(checkpoint.logs());
        Journal journal = new Journal(
                disk, directory.resolve("journal"), config, workers, this::checkpointNow, this::checkpointSoon);
        parts = new StoreParts(
                disk,
                clock,
                workers,
                new OpenFiles(disk, config.openFilesMax()),
                journal,
                new Space(disk, directory, config.reserveBytes()),
                this::checkpointSoon);
        journalFrom = checkpoint.journalFrom();
        JournalReplay replay = new JournalReplay(
                disk, directory.resolve("journal"), config.journalFileBytes(), checkpoint.journalFrom());
        replay.findFiles();
        JournalFacts facts = new JournalFacts();
        JournalReplay.Result found = replay.replay(facts::accept);
        SegmentReplay segments = new SegmentReplay(disk, logsDirectory, facts, known, onDisk);
        replay.replay(segments::accept);
        replayedFiles.addAll(segments.finish());
        journal.start(found);
    }

    // ---- logs

    @Override
    public CompletionStage<PartitionLog> open(LogId id, LogConfig logConfig, Owner owner) {
        CompletableFuture<PartitionLog> opened = new CompletableFuture<>();
        parts.workers().io().execute(() -> {
            try {
                opened.complete(openNow(id, logConfig, owner));
            } catch (IOException | RuntimeException e) {
                opened.completeExceptionally(e);
            }
        });
        return opened;
    }

    @Override
    public PartitionLog openNow(LogId id, LogConfig logConfig, Owner owner) throws IOException {
        requireUsable(id);
        if (open.containsKey(id)) {
            throw new IllegalStateException("the log " + id + " is open already");
        }
        Path directory = logsDirectory.resolve(LogNames.directory(id));
        LogRecovery recovery = new LogRecovery(id, directory, known.getOrDefault(id, Checkpoint.Entry.NONE), parts);
        SegmentedLog opened = new SegmentedLog(id, logConfig, owner, parts, recovery.run());
        if (open.putIfAbsent(id, opened) != null) {
            opened.abandon();
            throw new IllegalStateException("the log " + id + " is open already");
        }
        onDisk.add(id);
        return opened;
    }

    private void requireUsable(LogId id) throws LogException {
        IOException failure = parts.journal().failure();
        if (failure != null || closed) {
            throw new LogException(
                    Reason.OFFLINE,
                    "the log " + id + " cannot be opened: its store "
                            + (closed ? "is closed" : "failed, and must be closed and opened again"),
                    failure);
        }
    }

    @Override
    public boolean exists(LogId id) {
        return onDisk.contains(id);
    }

    @Override
    public Set<LogId> logs() {
        return Set.copyOf(onDisk);
    }

    @Override
    public CompletionStage<Void> delete(LogId id) {
        CompletableFuture<Void> deleted = new CompletableFuture<>();
        SegmentedLog was = open.remove(id);
        if (was != null) {
            was.abandon();
        }
        known.remove(id);
        onDisk.remove(id);
        Path directory = logsDirectory.resolve(LogNames.directory(id));
        Runnable removal = () -> {
            try {
                SegmentFiles.deleteDirectory(parts.disk(), directory);
                deleted.complete(null);
            } catch (IOException | RuntimeException e) {
                deleted.completeExceptionally(e);
            }
        };
        // The journal forgets the log first, or a replay would bring it back.
        parts.journal().stageFact(JournalFormat.Type.FORGET, id, 0, () -> parts.workers()
                .io()
                .execute(removal));
        return deleted;
    }

    @Override
    public boolean startedClean() {
        return startedClean;
    }

    // ---- checkpoints

    private void checkpointSoon() {
        if (!closed && checkpointWanted.compareAndSet(false, true)) {
            parts.workers().io().execute(() -> {
                checkpointWanted.set(false);
                if (!closed) {
                    checkpointNow();
                }
            });
        }
    }

    /** Forces what the journal's older files hold, and gives those free. */
    private void checkpointNow() {
        synchronized (checkpointLock) {
            try {
                long from = parts.journal().currentGeneration();
                forceReplayed();
                for (Map.Entry<LogId, SegmentedLog> entry : open.entrySet()) {
                    checkpoint(entry.getKey(), entry.getValue());
                }
                write(from);
                parts.journal().release(from);
            } catch (IOException e) {
                log.error("A checkpoint of {} failed; the journal keeps its files", config.directory(), e);
            }
        }
    }

    private void checkpoint(LogId id, SegmentedLog opened) throws IOException {
        try {
            known.put(id, opened.checkpoint());
        } catch (IOException e) {
            opened.failOffline(e);
            throw e;
        }
    }

    private void forceReplayed() throws IOException {
        Set<Path> directories = new HashSet<>();
        for (Path path : replayedFiles) {
            if (parts.disk().exists(path)) {
                try (DiskFile file = parts.disk().open(path, false)) {
                    file.force(true);
                }
                directories.add(path.getParent());
            }
        }
        for (Path directory : directories) {
            if (parts.disk().exists(directory)) {
                parts.disk().syncDirectory(directory);
            }
        }
        if (!directories.isEmpty()) {
            parts.disk().syncDirectory(logsDirectory);
        }
        replayedFiles.clear();
    }

    private void write(long from) throws IOException {
        Map<LogId, Checkpoint.Entry> entries = new HashMap<>(known);
        entries.keySet().retainAll(onDisk);
        new Checkpoint(from, entries).write(parts.disk(), config.directory());
        journalFrom = from;
    }

    // ---- end

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            synchronized (checkpointLock) {
                if (parts.journal().failure() != null) {
                    throw new IOException(
                            "the journal failed before; the next start recovers",
                            parts.journal().failure());
                }
                forceReplayed();
                for (Map.Entry<LogId, SegmentedLog> entry : open.entrySet()) {
                    known.put(entry.getKey(), entry.getValue().close());
                }
                open.clear();
                write(parts.journal().currentGeneration() + 1);
                parts.disk()
                        .open(config.directory().resolve(CLEAN_SHUTDOWN), true)
                        .close();
                parts.disk().syncDirectory(config.directory());
            }
        } finally {
            open.values().forEach(SegmentedLog::abandon);
            parts.files().closeAll();
            parts.journal().close();
            lock.close();
        }
    }

    /** Open segment files now, for a metric. */
    public int openFiles() {
        return parts.files().openCount();
    }
}
