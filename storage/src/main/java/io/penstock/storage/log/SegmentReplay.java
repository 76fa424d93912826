package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The second pass of a replay: writes the journal's bytes to where they belong in the segments. Files and directories
 * whose creation was lost are made again. Nothing is forced: the journal keeps its files until a checkpoint.
 */
final class SegmentReplay {
    private static final int OPEN_MAX = 64;

    private final Disk disk;
    private final Path logsDirectory;
    private final JournalFacts facts;
    private final Map<LogId, Checkpoint.Entry> known;
    private final long deletions;
    private final Set<LogId> onDisk;
    private final Map<Path, LogId> touched = new LinkedHashMap<>();
    private final Map<LogId, Path> directories = new HashMap<>();
    private final Map<LogId, Long> reclaimedEnds = new HashMap<>();
    private final LinkedHashMap<Path, DiskFile> open = new LinkedHashMap<>(16, 0.75f, true);
    private int number;

    /** @param deletions how many deletions {@code known} has seen: what it says of logs deleted later is void */
    SegmentReplay(
            Disk disk,
            Path logsDirectory,
            JournalFacts facts,
            Map<LogId, Checkpoint.Entry> known,
            long deletions,
            Set<LogId> onDisk) {
        this.disk = disk;
        this.logsDirectory = logsDirectory;
        this.facts = facts;
        this.known = known;
        this.deletions = deletions;
        this.onDisk = onDisk;
    }

    void accept(JournalFormat.Entry entry) {
        int n = number++;
        if (entry.type() != JournalFormat.Type.DATA || !facts.isValid(entry.id(), n)) {
            return;
        }
        try {
            write(entry, n);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(JournalFormat.Entry entry, int n) throws IOException {
        JournalFacts.Facts log = facts.of(entry.id());
        int bytes = log.remainingBytes(
                n, entry.offset(), entry.position(), entry.data().remaining());
        Path path = SegmentFiles.path(directory(entry.id()), entry.offset(), LogNames.SEGMENT);
        // A file that is missing for another reason may be the only one that knows of a producer (invariant 14).
        boolean removedByRetention = !touched.containsKey(path)
                && log.endsBefore(entry.offset(), log.startOffset)
                && log.endsBefore(entry.offset(), reclaimedEnd(entry.id()))
                && !disk.exists(path);
        if (bytes > 0 && !removedByRetention) {
            file(entry.id(), path).write(entry.data().limit(bytes), entry.position());
        }
    }

    private long reclaimedEnd(LogId id) throws IOException {
        Long end = reclaimedEnds.get(id);
        if (end == null) {
            end = ReclaimedProducers.endOffset(disk, directory(id));
            reclaimedEnds.put(id, end);
        }
        return end;
    }

    /** Cuts files that a crash has kept from being cut. */
    private void truncate(LogId id, JournalFacts.Truncation truncation) throws IOException {
        Path directory = directory(id);
        for (String name : disk.list(directory)) {
            long base = LogNames.number(name, LogNames.SEGMENT);
            if (base > truncation.segmentBase()) {
                close(directory.resolve(name));
                SegmentFiles.deleteAll(disk, directory, base);
            }
        }
        SegmentFiles.deleteSideFilesFrom(disk, directory, truncation.segmentBase());
        Path path = SegmentFiles.path(directory, truncation.segmentBase(), LogNames.SEGMENT);
        if (disk.exists(path) && file(id, path).size() > truncation.position()) {
            file(id, path).truncate(truncation.position());
        }
    }

    private Path directory(LogId id) throws IOException {
        Path directory = directories.get(id);
        if (directory == null) {
            directory = logsDirectory.resolve(LogNames.directory(id));
            disk.createDirectories(directory);
            directories.put(id, directory);
            onDisk.add(id);
        }
        return directory;
    }

    private DiskFile file(LogId id, Path path) throws IOException {
        DiskFile file = open.get(path);
        if (file == null) {
            if (open.size() >= OPEN_MAX) {
                close(open.keySet().iterator().next());
            }
            file = disk.open(path, true);
            open.put(path, file);
            touched.put(path, id);
        }
        return file;
    }

    private void close(Path path) throws IOException {
        DiskFile file = open.remove(path);
        if (file != null) {
            file.close();
        }
    }

    /** Closes files and notes what the journal says of the logs; returns the files that a checkpoint must force. */
    Map<Path, LogId> finish() throws IOException {
        for (Map.Entry<LogId, JournalFacts.Facts> log : facts.all().entrySet()) {
            if (log.getValue().unfinished() != null) {
                truncate(log.getKey(), log.getValue().unfinished());
            }
        }
        for (Path path : List.copyOf(open.keySet())) {
            close(path);
        }
        facts.all()
                .forEach((id, log) -> known.compute(id, (same, before) -> {
                    boolean ofAnother = before == null || log.deletion() > deletions;
                    Checkpoint.Entry entry = ofAnother ? Checkpoint.Entry.NONE : before;
                    long recoveryPoint = Math.min(entry.recoveryPoint(), log.truncatedTo);
                    long mustReach = Math.max(Math.min(entry.mustReach(), log.truncatedTo), log.mustReach);
                    return new Checkpoint.Entry(
                            Math.max(entry.startOffset(), log.startOffset), recoveryPoint, mustReach);
                }));
        return touched;
    }
}
