package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Finds the state of producers again: from the newest snapshot that can be used, and the batches behind it; or from
 * what was kept of removed segments, and all batches.
 */
final class ProducerRecovery {
    private final Disk disk;
    private final Path directory;
    private final Segment[] all;
    private final ProducerStates producers;
    private final long nowMillis;

    ProducerRecovery(Disk disk, Path directory, Segment[] all, ProducerStates producers, long nowMillis) {
        this.disk = disk;
        this.directory = directory;
        this.all = all;
        this.producers = producers;
        this.nowMillis = nowMillis;
    }

    void run() throws IOException {
        producers.clear();
        int from = all.length;
        int position = 0;
        while (from > 0 && position == 0) {
            from--;
            position = snapshotEnd(all[from]);
        }
        if (position == 0) {
            ReclaimedProducers.read(disk, directory, producers, nowMillis);
        }
        for (int i = from; i < all.length; i++) {
            walk(all[i], position);
            position = 0;
        }
    }

    /** Reads the snapshot of a segment; returns up to where it goes, 0 when there is none. */
    private int snapshotEnd(Segment segment) throws IOException {
        if (segment.isEmpty() || !disk.exists(SegmentSummary.path(directory, segment.baseOffset))) {
            return 0;
        }
        DiskFile file = segment.file.acquire(false);
        try {
            SegmentSummary summary = SegmentSummary.read(disk, directory, segment.baseOffset, file);
            boolean usable = summary != null
                    && summary.sizeBytes() <= segment.sizeBytes()
                    && ProducerSnapshot.read(disk, directory, summary, producers, nowMillis);
            return usable ? summary.sizeBytes() : 0;
        } finally {
            segment.file.release();
        }
    }

    private void walk(Segment segment, int position) throws IOException {
        if (segment.sizeBytes() <= position) {
            return;
        }
        DiskFile file = segment.file.acquire(false);
        try {
            BatchWalk walk = new BatchWalk(file, position, segment.sizeBytes());
            while (walk.next()) {
                BatchTracker.producerSeen(producers, walk.header(), walk.at(), nowMillis);
            }
        } finally {
            segment.file.release();
        }
    }
}
