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
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
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
    private final Set<LogId> onDisk = ConcurrentHashMap.newKeySet();
    private final Checkpoints checkpoints;
    private final AtomicBoolean checkpointWanted = new AtomicBoolean();
    private volatile boolean closed;
    private volatile Runnable whenForceFails = () -> {};

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
        checkpoints = new Checkpoints(disk, directory, logsDirectory, open, onDisk);
        Journal journal = new Journal(
                disk, directory.resolve("journal"), config, workers, this::checkpointNow, this::checkpointSoon);
        parts = new StoreParts(
                disk,
                clock,
                workers,
                new OpenFiles(disk, config.openFilesMax()),
                journal,
                new Space(disk, directory, config.reserveBytes()),
                this::checkpointSoon,
                this::forceFailed,
                startedClean,
                config.sideFilesFromBytes(),
                config.sideFilesEveryBytes());
        JournalReplay replay =
                new JournalReplay(disk, journalDirectory(), config.journalFileBytes(), checkpoints.journalFrom());
        JournalReplay.Result found = replayInto(replay, id -> true);
        replay.makeDurable();
        journal.start(found);
    }

    private Path journalDirectory() {
        return config.directory().resolve("journal");
    }

    /** Writes what the journal has of some logs to their segments. */
    private JournalReplay.Result replayInto(JournalReplay replay, Predicate<LogId> which) throws IOException {
        replay.findFiles();
        JournalFacts facts = new JournalFacts();
        JournalReplay.Result found = replay.replay(entry -> {
            if (which.test(entry.id())) {
                facts.accept(entry);
            }
        });
        SegmentReplay segments = new SegmentReplay(
                parts.disk(), logsDirectory, facts, checkpoints.known(), checkpoints.deletions(), onDisk);
        replay.replay(entry -> {
            if (which.test(entry.id())) {
                segments.accept(entry);
            }
        });
        checkpoints.replayed(segments.finish());
        checkpoints.deletionsReplayed(facts.deletions());
        return found;
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
        SegmentedLog opened = new SegmentedLog(id, logConfig, owner, parts, recover(id));
        if (open.putIfAbsent(id, opened) != null) {
            opened.abandon();
            throw new IllegalStateException("the log " + id + " is open already");
        }
        onDisk.add(id);
        checkpoints.recovered(id);
        return opened;
    }

    private RecoveredLog recover(LogId id) throws IOException {
        boolean again = checkpoints.isUncertain(id);
        try {
            if (again) {
                parts.journal().withoutWriting(() -> {
                    JournalReplay replay = new JournalReplay(
                            parts.disk(), journalDirectory(), config.journalFileBytes(), checkpoints.journalFrom());
                    replayInto(replay, id::equals);
                });
            }
            Path directory = logsDirectory.resolve(LogNames.directory(id));
            return new LogRecovery(id, directory, checkpoints.of(id), parts, again).run();
        } catch (LogException e) {
            // Damaged: a second look finds the same.
            throw e;
        } catch (IOException e) {
            checkpoints.doubt(id, e);
            throw e;
        }
    }

    @Override
    public CompletionStage<Void> close(LogId id) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        SegmentedLog was = open.get(id);
        if (was == null) {
            done.complete(null);
            return done;
        }
        parts.workers().io().execute(() -> {
            try {
                checkpoints.close(id, was, true);
                open.remove(id, was);
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
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
    public CompletionStage<Map<LogId, Long>> sizesBytes(Collection<LogId> ids) {
        CompletableFuture<Map<LogId, Long>> sizes = new CompletableFuture<>();
        parts.workers().io().execute(() -> {
            try {
                Map<LogId, Long> found = new HashMap<>();
                for (LogId id : ids) {
                    if (onDisk.contains(id)) {
                        found.put(id, sizeBytes(logsDirectory.resolve(LogNames.directory(id))));
                    }
                }
                sizes.complete(found);
            } catch (IOException | RuntimeException e) {
                sizes.completeExceptionally(e);
            }
        });
        return sizes;
    }

    private long sizeBytes(Path directory) throws IOException {
        long bytes = 0;
        for (String name : parts.disk().list(directory)) {
            Path path = directory.resolve(name);
            try (DiskFile file = parts.disk().open(path, false)) {
                bytes += file.size();
            } catch (IOException e) {
                // Retention may have been quicker.
                if (parts.disk().exists(path)) {
                    throw e;
                }
            }
        }
        return bytes;
    }

    @Override
    public CompletionStage<Void> delete(LogId id) {
        CompletableFuture<Void> deleted = new CompletableFuture<>();
        SegmentedLog was = open.remove(id);
        if (was != null) {
            was.abandon();
        }
        long number = checkpoints.forget(id);
        onDisk.remove(id);
        Path directory = logsDirectory.resolve(LogNames.directory(id));
        Runnable removal = () -> {
            try {
                SegmentFiles.deleteDirectory(parts.disk(), directory);
                // The journal's word is lost with its part of the journal, and a power cut must not bring the files
                // back.
                parts.disk().syncDirectory(logsDirectory);
                deleted.complete(null);
            } catch (IOException | RuntimeException e) {
                deleted.completeExceptionally(e);
            }
        };
        // The journal forgets the log first, or a replay would bring it back.
        parts.journal().stageFact(JournalFormat.Type.FORGET, id, number, failure -> {
            if (failure == null) {
                parts.workers().io().execute(removal);
            } else {
                deleted.completeExceptionally(failure);
            }
        });
        return deleted;
    }

    @Override
    public boolean startedClean() {
        return startedClean;
    }

    /**
     * Sets what is done, on a thread that may block, when a log could not be forced: the kernel may have dropped what it had
     * of it, and so the disk alone tells what is left (invariant 25).
     */
    public void whenForceFails(Runnable task) {
        whenForceFails = task;
    }

    private void forceFailed() {
        parts.workers().io().execute(() -> whenForceFails.run());
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

    private void checkpointNow() {
        checkpoints.run(parts.journal());
    }

    // ---- end

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            checkpoints.close(parts.journal());
            open.clear();
            parts.disk().open(config.directory().resolve(CLEAN_SHUTDOWN), true).close();
            parts.disk().syncDirectory(config.directory());
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
