package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * The segments of one log, oldest first; the last one is written. The owner changes the list, checkpoints read it.
 */
final class Segments {
    /** Indexes of older segments that stay in memory. */
    private static final int INDEXED_MAX = 16;

    private final Path directory;
    private final OpenFiles files;
    private volatile Segment[] all;
    /** Older segments whose indexes are in memory, least recently read first; owner thread only. */
    private final ArrayDeque<Segment> indexed = new ArrayDeque<>(0);

    Segments(Path directory, OpenFiles files, Segment[] found) {
        this.directory = directory;
        this.files = files;
        all = found;
    }

    Path directory() {
        return directory;
    }

    Segment[] all() {
        return all;
    }

    Segment first() {
        return all[0];
    }

    Segment active() {
        Segment[] now = all;
        return now[now.length - 1];
    }

    Segment add(long baseOffset) {
        Segment segment =
                new Segment(baseOffset, files.handle(directory.resolve(LogNames.file(baseOffset, LogNames.SEGMENT))));
        Segment[] now = all;
        Segment[] more = Arrays.copyOf(now, now.length + 1);
        more[now.length] = segment;
        all = more;
        return segment;
    }

    /** The segment that holds an offset, or would. */
    Segment floor(long offset) {
        Segment[] now = all;
        int low = 0;
        int high = now.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (now[middle].baseOffset <= offset) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return now[low];
    }

    /** See {@link PartitionLog#nextUnordered}. */
    long nextUnordered(long offset) {
        Segment[] now = all;
        int at = now.length - 1;
        while (at > 0 && now[at].baseOffset > offset) {
            at--;
        }
        for (; at < now.length; at++) {
            long next = now[at].unordered.next(offset);
            if (next != Long.MAX_VALUE) {
                return next;
            }
        }
        return Long.MAX_VALUE;
    }

    Segment after(Segment segment) {
        Segment[] now = all;
        for (int i = 0; i + 1 < now.length; i++) {
            if (now[i] == segment) {
                return now[i + 1];
            }
        }
        return null;
    }

    /** Takes the oldest out of the list; its file stays for those who read it. */
    Segment removeFirst() {
        Segment[] now = all;
        all = Arrays.copyOfRange(now, 1, now.length);
        return now[0];
    }

    Segment removeLast() {
        Segment[] now = all;
        all = Arrays.copyOf(now, now.length - 1);
        return now[now.length - 1];
    }

    /** The index of a segment, read from its side file, or made anew, when it is not in memory. */
    SegmentIndex index(Segment segment) throws IOException {
        if (segment.index != null) {
            return segment.index;
        }
        DiskFile file = segment.file.acquire(false);
        try {
            SegmentSummary summary = SegmentSummary.read(files.disk(), directory, segment.baseOffset, file);
            if (summary != null && summary.sizeBytes() == segment.sizeBytes()) {
                segment.index = summary.index();
                segment.aborted = summary.aborted();
            } else {
                walk(segment, file);
            }
        } finally {
            segment.file.release();
        }
        limitIndexes(segment);
        return segment.index;
    }

    private static void walk(Segment segment, DiskFile file) throws IOException {
        SegmentIndex index = new SegmentIndex();
        AbortedTransactions aborted = new AbortedTransactions();
        long newest = -1;
        BatchWalk walk = new BatchWalk(file, 0, segment.sizeBytes());
        while (walk.next()) {
            index.add((int) (walk.baseOffset() - segment.baseOffset), walk.position(), newest);
            newest = Math.max(newest, walk.maxTimestamp());
            if (BatchHeader.isEndOfTransaction(walk.header(), walk.at())) {
                BatchTracker.noteAborted(aborted, walk.header(), walk.at());
            }
        }
        segment.index = index;
        segment.aborted = aborted;
    }

    /** The aborted transactions of a segment, read when they are not in memory. */
    AbortedTransactions aborted(Segment segment) throws IOException {
        index(segment);
        return segment.aborted;
    }

    /** Counts the index of a segment that is no longer written, and whose side file exists, as one that may go. */
    void limitIndexes(Segment segment) {
        indexed.remove(segment);
        indexed.add(segment);
        while (indexed.size() > INDEXED_MAX) {
            Segment eldest = indexed.poll();
            if (eldest != active()) {
                eldest.index = null;
                eldest.aborted = null;
            }
        }
    }

    long sizeBytes() {
        long sum = 0;
        for (Segment segment : all) {
            sum += segment.sizeBytes();
        }
        return sum;
    }

    /** Finds whole batches, see {@link PartitionLog#read}; {@code offset} lies in the log. */
    LogSlice read(long offset, int maxBytes, long endOffset, boolean atLeastOneBatch) throws IOException {
        Segment segment = floor(offset);
        while (segment != null && segment.nextOffset <= offset) {
            segment = after(segment);
        }
        if (segment == null || offset >= endOffset) {
            return SegmentSlice.empty(offset);
        }
        int end = segment.sizeBytes();
        if (atLeastOneBatch && segment.isInLastBatch(offset) && endOffset >= segment.nextOffset) {
            // Who follows the log reads the last batch again and again: no need to look for it.
            int from = segment.lastBatchPosition;
            return new SegmentSlice(
                    offset, segment.nextOffset, segment.file, segment.file.acquire(false), from, end - from);
        }
        SegmentIndex index = index(segment);
        DiskFile file = segment.file.acquire(false);
        boolean handedOver = false;
        try {
            BatchWalk walk = new BatchWalk(file, index.floorByOffset((int) (offset - segment.baseOffset)), end);
            do {
                if (!walk.next()) {
                    return SegmentSlice.empty(offset);
                }
            } while (walk.lastOffset() < offset);
            int from = walk.position();
            if (walk.baseOffset() >= endOffset || (!atLeastOneBatch && walk.sizeBytes() > maxBytes)) {
                return SegmentSlice.empty(offset);
            }
            int to = from + walk.sizeBytes();
            if (end - from <= maxBytes && endOffset >= segment.nextOffset) {
                to = end;
            } else {
                to = lastWhole(segment, file, from, to, maxBytes, endOffset);
            }
            handedOver = true;
            return new SegmentSlice(
                    offset, Math.min(endOffset, segment.nextOffset), segment.file, file, from, to - from);
        } finally {
            if (!handedOver) {
                segment.file.release();
            }
        }
    }

    private int lastWhole(Segment segment, DiskFile file, int from, int firstEnd, int maxBytes, long endOffset)
            throws IOException {
        int end = segment.sizeBytes();
        long limit = Math.min(end, (long) from + maxBytes);
        int start = index(segment).floorByPosition((int) limit);
        if (endOffset < segment.nextOffset) {
            start = Math.min(start, index(segment).floorByOffset((int) (endOffset - segment.baseOffset)));
        }
        BatchWalk walk = new BatchWalk(file, Math.max(firstEnd, start), end);
        int to = Math.max(firstEnd, start);
        while (walk.next()) {
            int batchEnd = walk.position() + walk.sizeBytes();
            if (batchEnd > limit || walk.baseOffset() >= endOffset) {
                break;
            }
            to = batchEnd;
        }
        return to;
    }
}
