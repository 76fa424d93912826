package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.log.LogException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a log's files: checks every batch from the recovery point on, cuts a torn tail, and rebuilds what is kept in
 * memory. Damage below what is known to be durable takes the log offline (invariant 10). Any thread that may block.
 */
final class LogRecovery {
    private static final Logger log = LoggerFactory.getLogger(LogRecovery.class);

    private final LogId id;
    private final Path directory;
    private Checkpoint.Entry known;
    private final StoreParts parts;
    private final LeaderEpochs epochs = new LeaderEpochs();
    private final ProducerStates producers = new ProducerStates();
    private final BatchTracker tracker = new BatchTracker(epochs, producers);
    private final boolean rewrite;
    private boolean cut;
    /** Up to where a file has what removed segments said of producers. */
    private long reclaimedEnd;
    /** Whether a side file spared us from reading batches. */
    private boolean restoredAny;
    /** Up to where segments lie below the recovery point, for those that do in part. */
    private final Map<Segment, Integer> provenBytes = new HashMap<>();

    /**
     * @param rewrite whether a force failed in this process: the kernel may hold as clean what it could not write, so
     *     that only what is written again is really forced. The same may have happened to a process that has died; then
     *     what no journal and no checkpoint proves is written again
     */
    LogRecovery(LogId id, Path directory, Checkpoint.Entry known, StoreParts parts, boolean rewrite) {
        this.rewrite = rewrite;
        this.id = id;
        this.directory = directory;
        this.known = known;
        this.parts = parts;
    }

    RecoveredLog run() throws IOException {
        if (!parts.disk().exists(directory)) {
            parts.disk().createDirectories(directory);
        }
        keepReclaimed();
        long[] bases = parts.disk().list(directory).stream()
                .mapToLong(name -> LogNames.number(name, LogNames.SEGMENT))
                .filter(base -> base >= 0)
                .sorted()
                .toArray();
        Segments segments = new Segments(directory, parts.files(), new Segment[0]);
        bases = withoutUnneeded(bases);
        for (int i = 0; i < bases.length; i++) {
            if (i > 0 && segments.active().nextOffset != bases[i]) {
                requireNotDurable(segments.active().nextOffset, "the segment at " + bases[i] + " does not follow");
                removeFrom(bases, i);
                break;
            }
            recover(segments.add(bases[i]));
        }
        long start = known.startOffset();
        if (bases.length == 0) {
            requireNotDurable(start, "its segments are missing");
            segments.add(start);
        }
        finish(segments, start);
        completeSideState(segments);
        long first = Math.max(start, segments.first().baseOffset);
        epochs.truncateFromStart(first);
        return new RecoveredLog(segments, epochs, producers, first);
    }

    /** Takes over what was kept of removed segments' producers; where those end, the log starts at the earliest. */
    private void keepReclaimed() throws IOException {
        long nowMillis = parts.clock().millis();
        reclaimedEnd = ReclaimedProducers.read(parts.disk(), directory, producers, nowMillis);
        known = new Checkpoint.Entry(
                Math.max(known.startOffset(), reclaimedEnd), known.recoveryPoint(), known.mustReach());
    }

    /** Deletes segments wholly below the log's start, after what they say of producers was kept. */
    private long[] withoutUnneeded(long[] bases) throws IOException {
        int firstNeeded = 0;
        while (firstNeeded + 1 < bases.length && bases[firstNeeded + 1] <= known.startOffset()) {
            firstNeeded++;
        }
        for (int i = 0; i < firstNeeded; i++) {
            if (bases[i + 1] > reclaimedEnd) {
                readProducers(bases[i]);
            }
        }
        if (firstNeeded > 0 && bases[firstNeeded] > reclaimedEnd) {
            keepProducers(bases[firstNeeded]);
        }
        for (int i = 0; i < firstNeeded; i++) {
            SegmentFiles.deleteAll(parts.disk(), directory, bases[i]);
        }
        return Arrays.copyOfRange(bases, firstNeeded, bases.length);
    }

    /** Reads producers only: damage costs nothing else, as nobody reads the segment any more. */
    private void readProducers(long base) throws IOException {
        long nowMillis = parts.clock().millis();
        try (DiskFile file = parts.disk().open(SegmentFiles.path(directory, base, LogNames.SEGMENT), false)) {
            new SegmentScan(file)
                    .run(0, base, (bytes, at, position) -> BatchTracker.producerSeen(producers, bytes, at, nowMillis));
        }
    }

    private void keepProducers(long endOffset) throws IOException {
        parts.disk().syncDirectory(directory.getParent());
        ReclaimedProducers.write(parts.disk(), directory, producers, endOffset);
        reclaimedEnd = endOffset;
    }

    private void recover(Segment segment) throws IOException {
        DiskFile file = segment.file.acquire(false);
        try {
            int from = restore(segment, file);
            SegmentScan.Result end = scan(segment, file, from);
            if (end.broken() != null && end.position() == from && from > 0) {
                log.info("The side file of {} does not belong to it; the segment is read whole", segment.file.path());
                segment.forget();
                provenBytes.remove(segment);
                end = scan(segment, file, 0);
            }
            if (end.broken() != null) {
                cut(segment, file, end);
            }
        } finally {
            segment.file.release();
        }
    }

    /** Takes over what a side file says of batches below the recovery point; returns where the scan begins. */
    private int restore(Segment segment, DiskFile file) throws IOException {
        if (known.recoveryPoint() <= segment.baseOffset || file.size() < parts.sideFilesFromBytes()) {
            return 0;
        }
        SegmentSummary summary = SegmentSummary.read(parts.disk(), directory, segment.baseOffset, file);
        if (summary == null) {
            return 0;
        }
        if (summary.nextOffset() <= known.recoveryPoint()) {
            segment.restore(summary);
        } else {
            int entry = summary.index().entryAtOrBefore(known.recoveryPoint() - segment.baseOffset);
            if (entry <= 0) {
                return 0;
            }
            segment.restore(summary, entry);
        }
        for (LeaderEpochs.Start start : summary.epochs()) {
            if (start.offset() < segment.nextOffset) {
                epochs.assign(start.epoch(), start.offset());
            }
        }
        restoredAny = true;
        provenBytes.put(segment, segment.sizeBytes());
        return segment.sizeBytes();
    }

    private SegmentScan.Result scan(Segment segment, DiskFile file, int from) throws IOException {
        if (from == file.size()) {
            return new SegmentScan.Result(from, segment.nextOffset, null);
        }
        long nowMillis = parts.clock().millis();
        return new SegmentScan(file).run(from, segment.nextOffset, (bytes, at, position) -> {
            tracker.added(segment, bytes, at, position, nowMillis);
            if (segment.nextOffset <= known.recoveryPoint()) {
                provenBytes.put(segment, segment.sizeBytes());
            }
            if (position == 0) {
                segment.beganMillis = Math.min(nowMillis, BatchHeader.maxTimestamp(bytes, at));
            }
        });
    }

    private void cut(Segment segment, DiskFile file, SegmentScan.Result end) throws IOException {
        requireNotDurable(
                end.nextOffset(), end.broken() + " at position " + end.position() + " of " + segment.file.path());
        log.info(
                "Log {} ends at offset {}: {} at position {} of {} is cut off",
                id,
                end.nextOffset(),
                end.broken(),
                end.position(),
                segment.file.path().getFileName());
        file.truncate(end.position());
        segment.markDirty(false);
        cut = true;
    }

    private void readAllProducers(Segments segments) throws IOException {
        new ProducerRecovery(
                        parts.disk(),
                        directory,
                        segments.all(),
                        producers,
                        parts.clock().millis())
                .run();
    }

    /** Reads what was not read from the batches, and writes side files that are missing. */
    private void completeSideState(Segments segments) throws IOException {
        if (restoredAny) {
            readAllProducers(segments);
        }
        for (Segment segment : segments.all()) {
            if (segment == segments.active() || segment.sizeBytes() < parts.sideFilesFromBytes()) {
                continue;
            }
            if (!segment.isSummaryWritten() && segment.lastBatchPosition >= 0) {
                SegmentSummary summary = SegmentSummary.of(segment, epochs, SegmentSummary.NO_SNAPSHOT);
                segment.writeSideFiles(parts.disk(), summary.encode(), null);
            }
            segments.limitIndexes(segment);
        }
    }

    /** @throws LogException when the log was acknowledged further than to where it is whole */
    private void requireNotDurable(long wholeUntil, String what) throws LogException {
        if (Math.max(wholeUntil, known.startOffset()) < known.mustReach()) {
            throw new LogException(
                    Reason.OFFLINE,
                    "the log " + id + " is damaged: " + what + ", at offset " + wholeUntil
                            + ", while everything below offset " + known.mustReach()
                            + " was on the disk. It stays offline; restore its directory " + directory
                            + " from a copy, or delete the topic.");
        }
    }

    private void removeFrom(long[] bases, int from) throws IOException {
        for (long base : Arrays.copyOfRange(bases, from, bases.length)) {
            log.info("Log {}: the segment at {} follows a torn one and is removed", id, base);
            SegmentFiles.deleteAll(parts.disk(), directory, base);
        }
        cut = true;
    }

    /** Forces what was accepted beyond the recovery point. */
    private void finish(Segments segments, long start) throws IOException {
        long end = segments.active().nextOffset;
        requireNotDurable(Math.max(end, start), "it ends");
        if (end < start) {
            // Lost with a flush policy that allows it; offsets must not be given twice all the same.
            if (restoredAny) {
                readAllProducers(segments);
            }
            keepProducers(start);
            for (Segment segment : segments.all()) {
                segments.removeFirst();
                parts.files().forget(segment.file);
                SegmentFiles.deleteAll(parts.disk(), directory, segment.baseOffset);
            }
            segments.add(start);
            parts.disk().syncDirectory(directory);
            return;
        }
        boolean unproven = end > Math.max(known.mustReach(), known.recoveryPoint());
        if (rewrite || (unproven && !parts.startedClean())) {
            for (Segment segment : segments.all()) {
                if (segment.nextOffset > known.recoveryPoint() && !segment.isEmpty()) {
                    segment.rewrite(provenBytes.getOrDefault(segment, 0));
                }
            }
        }
        if (cut || rewrite || unproven) {
            for (Segment segment : segments.all()) {
                if (segment.isDirty() || (segment.nextOffset > known.recoveryPoint() && !segment.isEmpty())) {
                    segment.force();
                }
            }
            parts.disk().syncDirectory(directory);
            parts.disk().syncDirectory(directory.getParent());
        }
    }
}
