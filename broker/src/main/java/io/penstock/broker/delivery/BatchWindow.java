package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.storage.log.LogSlice;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A run of record batches of one partition in an owner's read buffer, and a cursor over it. What is committed does not
 * change, so the bytes stay good until another run is read: consumers and groups that want the same records share one
 * read. Owner thread only.
 */
final class BatchWindow {

    /** A buffer that a batch larger than a read has grown to; one that is larger still is not kept. */
    private static final int KEPT_BYTES = 1 << 20;

    private final int readBytes;
    private ByteBuffer bytes;
    private Partition partition;
    /** The offset that was read for; a gap before the first batch begins here. */
    private long windowStart;
    /** Offset after the last batch. */
    private long windowEnd;

    /** Which read this is. */
    private long generation;

    private int position;
    private final RecordBatch batch = new RecordBatch();

    BatchWindow(int readBytes) {
        this.readBytes = readBytes;
        this.bytes = ByteBuffer.allocateDirect(readBytes);
    }

    /** True, and the cursor on the batch that holds or follows {@code offset}, when that has been read already. */
    boolean seek(Partition wanted, long offset) {
        if (partition != wanted || offset < windowStart || offset >= windowEnd) {
            return false;
        }
        if (base() > offset) {
            wrap(0);
        }
        while (last() < offset) {
            wrap(batch.end());
        }
        return true;
    }

    private void wrap(int at) {
        position = at;
        batch.wrap(bytes, at);
    }

    /**
     * Reads from {@code offset} on and puts the cursor on the first batch.
     *
     * @param wantedBytes how much is likely to be used; a single larger batch is read whole
     * @return false when nothing is there
     */
    boolean read(Partition from, long offset, int wantedBytes) throws IOException {
        forget();
        generation++;
        try (LogSlice slice = from.read(offset, Math.min(readBytes, Math.max(wantedBytes, 1)), false, true)) {
            int size = slice.sizeBytes();
            if (size == 0) {
                return false;
            }
            if (size > bytes.capacity()) {
                bytes = ByteBuffer.allocateDirect(size);
            } else if (bytes.capacity() > Math.max(KEPT_BYTES, readBytes) && size <= readBytes) {
                // A large batch has passed; its buffer need not stay.
                bytes = ByteBuffer.allocateDirect(readBytes);
            }
            bytes.clear().limit(size);
            slice.readInto(bytes);
            bytes.flip();
        }
        for (wrap(0); batch.end() < bytes.limit(); wrap(batch.end())) {
            // To the last batch, for the end of the window.
        }
        partition = from;
        windowStart = offset;
        windowEnd = batch.nextOffset();
        return seek(from, offset);
    }

    /** Whatever is read next is read anew. */
    void forget() {
        partition = null;
        windowEnd = Long.MIN_VALUE;
    }

    long base() {
        return batch.baseOffset();
    }

    long last() {
        return batch.lastOffset();
    }

    int count() {
        return batch.count();
    }

    boolean control() {
        return batch.control();
    }

    boolean compressed() {
        return batch.compression() != Compression.NONE;
    }

    int sizeBytes() {
        return batch.sizeBytes();
    }

    /** True when each offset from the first to the last has its record. */
    boolean dense() {
        return batch.count() == batch.lastOffsetDelta() + 1;
    }

    /** Another one for each run that was read. */
    long generation() {
        return generation;
    }

    int position() {
        return position;
    }

    /** The batch at the cursor; moves with it. */
    RecordBatch batch() {
        return batch;
    }

    /** A view of what is read. */
    ByteBuffer slice(int from, int size) {
        return bytes.slice(from, size);
    }
}
