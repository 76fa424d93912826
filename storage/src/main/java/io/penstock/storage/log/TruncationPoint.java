package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import java.io.IOException;

/** Where a segment is cut so that nothing at or above an offset stays: always between two batches. */
record TruncationPoint(int position, long offset) {

    static TruncationPoint find(Segments segments, long offset) throws IOException {
        Segment segment = segments.floor(offset);
        if (segment.isEmpty() || segment.nextOffset <= offset) {
            return new TruncationPoint(segment.sizeBytes(), segment.nextOffset);
        }
        SegmentIndex index = segments.index(segment);
        DiskFile file = segment.file.acquire(false);
        try {
            int from = index.floorByOffset((int) (offset - segment.baseOffset));
            BatchWalk walk = new BatchWalk(file, from, segment.sizeBytes());
            while (walk.next()) {
                if (walk.lastOffset() >= offset) {
                    return new TruncationPoint(walk.position(), walk.baseOffset());
                }
            }
            return new TruncationPoint(segment.sizeBytes(), segment.nextOffset);
        } finally {
            segment.file.release();
        }
    }
}
