package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Goes from batch header to batch header of a segment, without checking what was checked before. */
final class BatchWalk {
    private static final ThreadLocal<ByteBuffer> BUFFER =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(16 << 10));

    private final DiskFile file;
    private final int end;
    private final ByteBuffer buffer = BUFFER.get().limit(0);
    private int bufferAt;
    private int position;
    private int next;

    /** @param end where the segment's batches end; one walk at a time on a thread */
    BatchWalk(DiskFile file, int from, int end) {
        this.file = file;
        this.end = end;
        next = from;
    }

    /** Moves to the next batch; false at the end. */
    boolean next() throws IOException {
        position = next;
        if (position + BatchHeader.BYTES > end) {
            return false;
        }
        load(BatchHeader.BYTES);
        next = position + sizeBytes();
        if (sizeBytes() < BatchHeader.BYTES || next > end) {
            throw new IOException("damaged batch at position " + position + " of " + file);
        }
        if (BatchHeader.isEndOfTransaction(buffer, at()) && sizeBytes() <= buffer.capacity()) {
            load(sizeBytes());
        }
        return true;
    }

    private void load(int bytes) throws IOException {
        if (position >= bufferAt && position + bytes <= bufferAt + buffer.limit()) {
            return;
        }
        buffer.clear().limit(Math.min(buffer.capacity(), end - position));
        bufferAt = position;
        while (buffer.position() < bytes && file.read(buffer, bufferAt + buffer.position()) > 0) {
            // Reads on until there is a header, or a marker.
        }
        buffer.flip();
        if (buffer.limit() < bytes) {
            throw new IOException("the file ends at " + (bufferAt + buffer.limit()) + ", before " + end + ": " + file);
        }
    }

    /** The buffer that holds the batch's header, and all of a marker, see {@link #at}. */
    ByteBuffer header() {
        return buffer;
    }

    /** Where in {@link #header} the batch's header is. */
    int at() {
        return position - bufferAt;
    }

    int position() {
        return position;
    }

    int sizeBytes() {
        return BatchHeader.sizeBytes(buffer, at());
    }

    long baseOffset() {
        return BatchHeader.baseOffset(buffer, at());
    }

    long lastOffset() {
        return BatchHeader.lastOffset(buffer, at());
    }

    long maxTimestamp() {
        return BatchHeader.maxTimestamp(buffer, at());
    }
}
