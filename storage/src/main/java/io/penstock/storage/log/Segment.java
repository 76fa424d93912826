package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One file of a log: batches from {@link #baseOffset} on. The owner writes it; checkpoint and sync threads force it;
 * any thread may read what is below the size.
 */
final class Segment {
    final long baseOffset;
    final FileHandle file;
    final SegmentIndex index = new SegmentIndex();
    private volatile int sizeBytes;
    private volatile boolean dirty;
    private volatile boolean directoryDirty;
    private boolean uncut;

    long nextOffset;
    long maxTimestamp = -1;
    int maxTimestampPosition;
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
    void added(int position, long baseOffsetOfBatch, long lastOffset, int bytes, long timestamp, long nowMillis) {
        index.add((int) (baseOffsetOfBatch - baseOffset), position, maxTimestamp);
        if (timestamp > maxTimestamp) {
            maxTimestamp = timestamp;
            maxTimestampPosition = position;
        }
        if (beganMillis < 0) {
            beganMillis = nowMillis;
        }
        nextOffset = lastOffset + 1;
        sizeBytes = position + bytes;
    }

    /** Sets what a side file knows of the batches before {@code position}. */
    void restored(int position, long offset, long timestamp, int timestampPosition) {
        sizeBytes = position;
        nextOffset = offset;
        maxTimestamp = timestamp;
        maxTimestampPosition = timestampPosition;
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

    /** Writes the bytes that are there once more, so that the next force really writes them to the medium. */
    void rewrite() throws IOException {
        DiskFile open = file.acquire(false);
        try {
            ByteBuffer bytes = ByteBuffer.allocate(Math.min(sizeBytes, 1 << 20));
            for (int at = 0; at < sizeBytes; at += bytes.limit()) {
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
        sizeBytes = position;
        nextOffset = offset;
    }
}
