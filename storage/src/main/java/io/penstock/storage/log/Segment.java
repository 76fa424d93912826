package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * One file of a log: batches from {@link #baseOffset} on. The owner writes it; checkpoint and sync threads force it;
 * any thread may read what is below the size.
 */
final class Segment {
    final long baseOffset;
    final FileHandle file;
    /** Null when it has to be read again, see {@link Segments#index}; never for the active segment. */
    SegmentIndex index = new SegmentIndex();
    /** Goes and comes with {@link #index}. */
    AbortedTransactions aborted = new AbortedTransactions();
    /** How many there are, also while they are not in memory. */
    int abortedCount;
    /** Where batches are that need not be delivered in the log's order. */
    final UnorderedSpan unordered = new UnorderedSpan();
    /** How far back the pieces of its large messages reach. */
    final SegmentHeads heads = new SegmentHeads();

    private volatile int sizeBytes;
    private volatile boolean dirty;
    private volatile boolean directoryDirty;
    private boolean uncut;
    private boolean removed;

    long nextOffset;
    long maxTimestamp = -1;
    int maxTimestampPosition;
    /** Position of the last batch, -1 when there is none or it is not known, and its checksum. */
    int lastBatchPosition = -1;
    /** Where the last batch begins, when it was written by this process; else no offset is so large. */
    private long lastBatchOffset = Long.MAX_VALUE;

    int lastBatchCrc;
    /** Up to where a side file was written, or is being written. */
    int summarizedBytes;
    /** Up to where side files are on the disk. */
    private volatile int summaryWrittenBytes;
    /** When the first batch was appended, for {@code segment.ms}; a batch's own time after a restart. */
    long beganMillis = -1;

    Segment(long baseOffset, FileHandle file) {
        this.baseOffset = baseOffset;
        this.file = file;
        nextOffset = baseOffset;
    }

    int sizeBytes() {
        return sizeBytes;
    }

    boolean isEmpty() {
        return sizeBytes == 0;
    }

    /** Writes bytes at the end without counting them yet. */
    void write(ByteBuffer bytes) throws IOException {
        DiskFile open = file.acquire(sizeBytes == 0);
        try {
            open.write(bytes, sizeBytes);
        } catch (IOException e) {
            cutBack(open, e);
            throw e;
        } finally {
            file.release();
        }
    }

    /** Takes away what a failed write left behind, or a later crash could find whole batches in it. */
    private void cutBack(DiskFile open, IOException cause) {
        try {
            open.truncate(sizeBytes);
        } catch (IOException e) {
            cause.addSuppressed(e);
            uncut = true;
        }
    }

    /** True when a failed write left bytes behind that could not be taken away. */
    boolean isUncut() {
        return uncut;
    }

    /** Counts a batch that was written at {@code position}. */
    void added(
            int position, long baseOffsetOfBatch, long lastOffset, int bytes, int crc, long timestamp, long nowMillis) {
        index.add((int) (baseOffsetOfBatch - baseOffset), position, maxTimestamp);
        if (timestamp > maxTimestamp) {
            maxTimestamp = timestamp;
            maxTimestampPosition = position;
        }
        if (beganMillis < 0) {
            beganMillis = nowMillis;
        }
        lastBatchPosition = position;
        lastBatchOffset = baseOffsetOfBatch;
        lastBatchCrc = crc;
        nextOffset = lastOffset + 1;
        sizeBytes = position + bytes;
    }

    /** True when the last batch, at {@link #lastBatchPosition}, is the one that holds {@code offset}. */
    boolean isInLastBatch(long offset) {
        return offset >= lastBatchOffset && offset < nextOffset;
    }

    /** Takes over what a side file knows of all that it covers. */
    void restore(SegmentSummary summary) {
        restore(summary, summary.sizeBytes(), summary.nextOffset(), summary.maxTimestamp());
        maxTimestampPosition = summary.maxTimestampPosition();
        lastBatchPosition = summary.lastBatchPosition();
        lastBatchOffset = Long.MAX_VALUE;
        lastBatchCrc = summary.lastBatchCrc();
        summarizedBytes = sizeBytes;
        summaryWrittenBytes = sizeBytes;
    }

    /** Takes over what a side file knows of the batches before one of its entries. */
    void restore(SegmentSummary summary, int entry) {
        SegmentIndex found = summary.index();
        restore(summary, found.position(entry), baseOffset + found.offsetDelta(entry), found.timestampBefore(entry));
        index.truncate(sizeBytes);
        aborted.truncate(nextOffset);
        abortedCount = aborted.count();
        maxTimestampPosition = index.floorByTimestamp(maxTimestamp);
    }

    /** Forgets what a side file said. */
    void forget() {
        index = new SegmentIndex();
        aborted = new AbortedTransactions();
        unordered.clear();
        abortedCount = 0;
        heads.clear();
        beganMillis = -1;
        sizeBytes = 0;
        nextOffset = baseOffset;
        maxTimestamp = -1;
        maxTimestampPosition = 0;
        lastBatchPosition = -1;
        lastBatchOffset = Long.MAX_VALUE;
        summarizedBytes = 0;
    }

    private void restore(SegmentSummary summary, int position, long offset, long timestamp) {
        index = summary.index();
        aborted = summary.aborted();
        abortedCount = aborted.count();
        unordered.set(summary.unorderedFirst(), summary.unorderedEnd());
        unordered.truncate(offset);
        heads.add(summary.lastHead(), summary.firstPiece());
        beganMillis = summary.beganMillis();
        sizeBytes = position;
        nextOffset = offset;
        maxTimestamp = timestamp;
    }

    /** True when a start would find a side file that covers all of the segment. */
    boolean isSummaryWritten() {
        return summaryWrittenBytes == sizeBytes;
    }

    /** After this no side file of the segment is written any more; waits for one that is being written. */
    synchronized void removed() {
        removed = true;
    }

    /** Writes side files unless the segment was removed meanwhile. Any thread that may block. */
    synchronized void writeSideFiles(Disk disk, ByteBuffer summary, ByteBuffer producers) throws IOException {
        Path directory = file.path().getParent();
        if (!removed) {
            if (producers != null) {
                SideFiles.replace(disk, ProducerSnapshot.path(directory, baseOffset), producers, false);
            }
            SideFiles.replace(disk, SegmentSummary.path(directory, baseOffset), summary.duplicate(), false);
            summaryWrittenBytes = SegmentSummary.sizeBytes(summary);
        }
    }

    boolean isDirty() {
        return dirty;
    }

    /** @return true when it was clean before */
    boolean markDirty(boolean newFile) {
        if (newFile) {
            directoryDirty = true;
        }
        boolean before = dirty;
        dirty = true;
        return !before;
    }

    /** The file may not be in its directory on the medium yet. */
    void markDirectoryDirty() {
        directoryDirty = true;
    }

    boolean isDirectoryDirty() {
        return directoryDirty;
    }

    void directorySynced() {
        directoryDirty = false;
    }

    /** Forces what was written before the call. Blocks. After a failure its log must not force it again. */
    void force() throws IOException {
        // Cleared first: what is written during the force marks the segment again.
        dirty = false;
        DiskFile open = file.acquire(false);
        try {
            open.force(true);
        } finally {
            file.release();
        }
    }

    /** Writes the bytes from a position on once more, so that the next force really writes them to the medium. */
    void rewrite(int from) throws IOException {
        DiskFile open = file.acquire(false);
        try {
            ByteBuffer bytes = ByteBuffer.allocate(Math.min(sizeBytes - from, 1 << 20));
            for (int at = from; at < sizeBytes; at += bytes.limit()) {
                bytes.clear().limit(Math.min(bytes.capacity(), sizeBytes - at));
                while (bytes.hasRemaining() && open.read(bytes, at + bytes.position()) > 0) {
                    // Reads on until the piece is whole.
                }
                if (bytes.hasRemaining()) {
                    throw new EOFException("the file ends at " + (at + bytes.position()) + ": " + file.path());
                }
                open.write(bytes.flip(), at);
            }
            dirty = true;
        } finally {
            file.release();
        }
    }

    /** Cuts the file; what the index says of the timestamps before stays true. */
    void truncate(int position, long offset) throws IOException {
        DiskFile open = file.acquire(true);
        try {
            open.truncate(position);
        } finally {
            file.release();
        }
        index.truncate(position);
        aborted.truncate(offset);
        unordered.truncate(offset);
        abortedCount = aborted.count();
        sizeBytes = position;
        nextOffset = offset;
        lastBatchPosition = -1;
        lastBatchOffset = Long.MAX_VALUE;
        summarizedBytes = 0;
    }

    /** After a truncation: the index, which is in memory, knows all but the last few batches. */
    void findMaxTimestamp() throws IOException {
        if (isEmpty()) {
            maxTimestamp = -1;
            maxTimestampPosition = 0;
            return;
        }
        int last = index.count() - 1;
        long newest = last < 0 ? -1 : index.timestampBefore(last);
        DiskFile open = file.acquire(false);
        try {
            BatchWalk walk = new BatchWalk(open, last < 0 ? 0 : index.position(last), sizeBytes);
            while (walk.next()) {
                newest = Math.max(newest, walk.maxTimestamp());
            }
        } finally {
            file.release();
        }
        maxTimestamp = newest;
        maxTimestampPosition = index.floorByTimestamp(newest);
    }
}
