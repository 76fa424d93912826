package io.penstock.storage.log;

import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the side files of a log's segments are written: as a segment grows, when the next one begins, at the log's end. What
 * they say is copied on the owner's thread; a worker writes it. A start without them only reads more.
 */
final class SegmentSideFiles {
    private static final Logger log = LoggerFactory.getLogger(SegmentSideFiles.class);

    private final StoreParts parts;
    private final Owner owner;
    private final Segments segments;
    private final LeaderEpochs epochs;
    private final ProducerStates producers;

    SegmentSideFiles(StoreParts parts, Owner owner, Segments segments, LeaderEpochs epochs, ProducerStates producers) {
        this.parts = parts;
        this.owner = owner;
        this.segments = segments;
        this.epochs = epochs;
        this.producers = producers;
    }

    /** The active segment has grown. */
    void grown(Segment segment) {
        if (segment.sizeBytes() - segment.summarizedBytes >= parts.sideFilesEveryBytes()) {
            writeSoon(segment);
        }
    }

    /** A segment is not the active one any more. */
    void rolled(Segment full) {
        if (full.sizeBytes() >= parts.sideFilesFromBytes()) {
            writeSoon(full);
        }
    }

    private void writeSoon(Segment segment) {
        segment.summarizedBytes = segment.sizeBytes();
        ByteBuffer summary =
                SegmentSummary.of(segment, epochs, producers.count()).encode();
        ByteBuffer snapshot = producers.count() == 0 ? null : ProducerSnapshot.encode(producers, segment);
        parts.workers().io().execute(() -> {
            try {
                segment.writeSideFiles(parts.disk(), summary, snapshot);
                owner.execute(() -> {
                    if (segment != segments.active()) {
                        segments.limitIndexes(segment);
                    }
                });
            } catch (IOException e) {
                warn(segment, e);
            }
        });
    }

    /** At the log's end, on the closing thread. */
    void writeLast() {
        for (Segment segment : segments.all()) {
            boolean worthIt = segment.sizeBytes() >= parts.sideFilesFromBytes() && segment.lastBatchPosition >= 0;
            if (worthIt && !segment.isSummaryWritten() && segment.index != null) {
                writeLast(segment);
            }
        }
    }

    private void writeLast(Segment segment) {
        boolean last = segment == segments.active();
        int count = last ? producers.count() : SegmentSummary.NO_SNAPSHOT;
        ByteBuffer summary = SegmentSummary.of(segment, epochs, count).encode();
        try {
            ByteBuffer snapshot = last && count > 0 ? ProducerSnapshot.encode(producers, segment) : null;
            segment.writeSideFiles(parts.disk(), summary, snapshot);
        } catch (IOException e) {
            warn(segment, e);
        }
    }

    private static void warn(Segment segment, IOException e) {
        log.warn("The side files of {} could not be written; a start will read more", segment.file.path(), e);
    }
}
