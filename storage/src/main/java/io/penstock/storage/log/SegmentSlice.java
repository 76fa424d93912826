package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** A run of batches in a segment's file, which stays open until the slice is closed. Any thread. */
final class SegmentSlice implements LogSlice {
    private final long fetchOffset;
    private final long endOffsetMax;
    private final FileHandle handle;
    private final DiskFile file;
    private final int position;
    private final int sizeBytes;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Takes over one use of {@code handle}; both it and {@code file} are null for an empty slice. */
    SegmentSlice(long fetchOffset, long endOffsetMax, FileHandle handle, DiskFile file, int position, int sizeBytes) {
        this.fetchOffset = fetchOffset;
        this.endOffsetMax = endOffsetMax;
        this.handle = handle;
        this.file = file;
        this.position = position;
        this.sizeBytes = sizeBytes;
    }

    static SegmentSlice empty(long fetchOffset) {
        return new SegmentSlice(fetchOffset, fetchOffset, null, null, 0, 0);
    }

    @Override
    public long fetchOffset() {
        return fetchOffset;
    }

    @Override
    public long endOffsetMax() {
        return endOffsetMax;
    }

    @Override
    public int sizeBytes() {
        return sizeBytes;
    }

    @Override
    public DiskFile file() {
        return file;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public void readInto(ByteBuffer dst) throws IOException {
        int limit = dst.limit();
        dst.limit(dst.position() + sizeBytes);
        try {
            for (long at = position; dst.hasRemaining(); ) {
                int count = file.read(dst, at);
                if (count <= 0) {
                    throw new EOFException("the segment ends at " + at + ", inside of a slice: " + file);
                }
                at += count;
            }
        } finally {
            dst.limit(limit);
        }
    }

    @Override
    public void close() {
        if (handle != null && closed.compareAndSet(false, true)) {
            handle.release();
        }
    }
}
