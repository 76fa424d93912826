package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.log.LogException.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
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
    private final Checkpoint.Entry known;
    private final StoreParts parts;
    private final LeaderEpochs epochs = new LeaderEpochs();
    private final ProducerStates producers = new ProducerStates();
    private final BatchTracker tracker = new BatchTracker(epochs, producers);
    private final boolean rewrite;
    private boolean cut;

    /**
     * @param rewrite whether a force failed in this process: the kernel may hold as clean what it could not write, so
     *     that only what is written again is really forced
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
        long[] bases = parts.disk().list(directory).stream()
                .mapToLong(name -> LogNames.number(name, LogNames.SEGMENT))
                .filter(base -> base >= 0)
                .sorted()
                .toArray();
        Segments segments = new Segments(directory, parts.files(), new Segment[0]);
        int firstNeeded = 0;
        while (firstNeeded + 1 < bases.length && bases[firstNeeded + 1] <= known.startOffset()) {
            SegmentFiles.deleteAll(parts.disk(), directory, bases[firstNeeded]);
            firstNeeded++;
        }
        bases = Arrays.copyOfRange(bases, firstNeeded, bases.length);
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
        long first = Math.max(start, segments.first().baseOffset);
        epochs.truncateFromStart(first);
        return new RecoveredLog(segments, epochs, producers, first);
    }

    private void recover(Segment segment) throws IOException {
        DiskFile file = segment.file.acquire(false);
        try {
            SegmentScan scan = new SegmentScan(file);
            long nowMillis = parts.clock().millis();
            SegmentScan.Result end = scan.run(0, segment.baseOffset, (bytes, at, position) -> {
                tracker.added(segment, bytes, at, position, nowMillis, 0);
                if (position == 0) {
                    segment.beganMillis = Math.min(nowMillis, BatchHeader.maxTimestamp(bytes, at));
                }
            });
            if (end.broken() != null) {
                requireNotDurable(
                        end.nextOffset(),
                        end.broken() + " at position " + end.position() + " of " + segment.file.path());
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
        } finally {
            segment.file.release();
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

    /** Forces what was accepted beyond the recovery point, and drops what is wholly below the start. */
    private void finish(Segments segments, long start) throws IOException {
        long end = segments.active().nextOffset;
        requireNotDurable(Math.max(end, start), "it ends");
        if (end < start) {
            // Lost with a flush policy that allows it; offsets must not be given twice all the same.
            for (Segment segment : segments.all()) {
                segments.removeFirst();
                parts.files().forget(segment.file);
                SegmentFiles.deleteAll(parts.disk(), directory, segment.baseOffset);
            }
            segments.add(start);
            parts.disk().syncDirectory(directory);
            return;
        }
        while (segments.first() != segments.active() && segments.first().nextOffset <= start) {
            Segment gone = segments.removeFirst();
            parts.files().forget(gone.file);
            SegmentFiles.deleteAll(parts.disk(), directory, gone.baseOffset);
        }
        if (rewrite) {
            for (Segment segment : segments.all()) {
                if (segment.nextOffset > known.recoveryPoint() && !segment.isEmpty()) {
                    segment.rewrite();
                }
            }
        }
        if (cut || rewrite || end > Math.max(known.mustReach(), known.recoveryPoint())) {
            for (Segment segment : segments.all()) {
                if (segment.isDirty() || (segment.nextOffset > known.recoveryPoint() && !segment.isEmpty())) {
                    segment.force();
                }
            }
            parts.disk().syncDirectory(directory);
            parts.disk().syncDirectory(directory.getParent());
        }
    }

    /** Reads what is left again, after a truncation took away what producers had sent last. */
    static void rebuildAfterTruncation(Segments segments, ProducerStates producers, long nowMillis) throws IOException {
        producers.clear();
        Segment[] all = segments.all();
        for (Segment segment : all) {
            if (segment.isEmpty()) {
                continue;
            }
            Segment again = new Segment(segment.baseOffset, segment.file);
            BatchTracker tracker = new BatchTracker(new LeaderEpochs(), producers);
            DiskFile file = segment.file.acquire(false);
            try {
                new SegmentScan(file)
                        .run(
                                0,
                                segment.baseOffset,
                                (b, at, position) -> tracker.added(again, b, at, position, nowMillis, 0));
            } finally {
                segment.file.release();
            }
            segment.restored(again.sizeBytes(), again.nextOffset, again.maxTimestamp, again.maxTimestampPosition);
        }
    }
}
