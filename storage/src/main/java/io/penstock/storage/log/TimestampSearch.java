package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.log.PartitionLog.TimestampedOffset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Finds records by their timestamps, exact to the record. Owner thread; reads from the disk. */
final class TimestampSearch {
    private TimestampSearch() {}

    static Optional<TimestampedOffset> first(
            Segments segments, long timestampMillis, long startOffset, long endOffset, LeaderEpochs epochs)
            throws IOException {
        for (Segment segment : segments.all()) {
            if (segment.maxTimestamp < timestampMillis || segment.nextOffset <= startOffset || segment.isEmpty()) {
                continue;
            }
            int from = Math.max(
                    segments.index(segment).floorByTimestamp(timestampMillis),
                    startOffset <= segment.baseOffset
                            ? 0
                            : segments.index(segment).floorByOffset((int) (startOffset - segment.baseOffset)));
            Optional<TimestampedOffset> found = search(segment, from, timestampMillis, startOffset, endOffset, epochs);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    static Optional<TimestampedOffset> max(Segments segments, long startOffset, long endOffset, LeaderEpochs epochs)
            throws IOException {
        Segment best = null;
        for (Segment segment : segments.all()) {
            if (!segment.isEmpty()
                    && segment.nextOffset > startOffset
                    && (best == null || segment.maxTimestamp > best.maxTimestamp)) {
                best = segment;
            }
        }
        if (best == null) {
            return Optional.empty();
        }
        Optional<TimestampedOffset> found =
                search(best, best.maxTimestampPosition, best.maxTimestamp, startOffset, endOffset, epochs);
        if (found.isPresent()) {
            return found;
        }
        // The newest record lies below the log's start: look for the newest of what is left.
        long newest = newestFrom(segments, startOffset);
        return newest == Long.MIN_VALUE ? Optional.empty() : first(segments, newest, startOffset, endOffset, epochs);
    }

    private static long newestFrom(Segments segments, long startOffset) throws IOException {
        long newest = Long.MIN_VALUE;
        for (Segment segment : segments.all()) {
            if (segment.isEmpty() || segment.nextOffset <= startOffset) {
                continue;
            }
            DiskFile file = segment.file.acquire(false);
            try {
                BatchWalk walk = new BatchWalk(file, 0, segment.sizeBytes());
                while (walk.next()) {
                    if (walk.lastOffset() >= startOffset) {
                        newest = Math.max(newest, walk.maxTimestamp());
                    }
                }
            } finally {
                segment.file.release();
            }
        }
        return newest;
    }

    private static Optional<TimestampedOffset> search(
            Segment segment, int from, long timestampMillis, long startOffset, long endOffset, LeaderEpochs epochs)
            throws IOException {
        DiskFile file = segment.file.acquire(false);
        try {
            BatchWalk walk = new BatchWalk(file, from, segment.sizeBytes());
            while (walk.next()) {
                if (walk.maxTimestamp() >= timestampMillis && walk.lastOffset() >= startOffset) {
                    ByteBuffer batch = ByteBuffer.allocate(walk.sizeBytes());
                    int position = walk.position();
                    while (batch.hasRemaining() && file.read(batch, position + batch.position()) > 0) {
                        // Reads on until the batch is whole.
                    }
                    TimestampedOffset found = BatchRecords.firstAtOrAfter(batch.flip(), timestampMillis, startOffset);
                    if (found != null) {
                        int epoch = epochs.epochAt(found.offset(), endOffset).orElse(-1);
                        return Optional.of(new TimestampedOffset(found.offset(), found.timestampMillis(), epoch));
                    }
                }
            }
            return Optional.empty();
        } finally {
            segment.file.release();
        }
    }
}
