package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.storage.log.LogSlice;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A run of record batches of one partition in an owner's read buffer, and a cursor over it. What is committed does not
 * change, so the bytes stay good until another run is read: consumers and groups that want the same records share one
 * read. Owner thread only.
 *
 * <p>Only headers are looked at here (magic 2):
 *
 * <pre>
 *  0 baseOffset (8) | 8 length (4) | 12 leaderEpoch (4) | 16 magic (1) | 17 crc (4) | 21 attributes (2)
 * 23 lastOffsetDelta (4) | 27 baseTimestamp (8) | 35 maxTimestamp (8) | 43 producerId (8) | 51 epoch (2)
 * 53 baseSequence (4) | 57 count (4) | 61 records
 * </pre>
 */
final class BatchWindow {

    static final int HEADER_BYTES = 61;
    private static final int LENGTH_AT = 8;
    private static final int LENGTH_END = 12;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_DELTA_AT = 23;
    private static final int COUNT_AT = 57;
    private static final int COMPRESSION = 7;
    private static final int CONTROL = 0x20;

    private final int readBytes;
    private ByteBuffer bytes;
    private Partition partition;
    /** The offset that was read for; a gap before the first batch begins here. */
    private long windowStart;
    /** Offset after the last batch. */
    private long windowEnd;

    private int position;

    BatchWindow(int readBytes) {
        this.readBytes = readBytes;
        this.bytes = ByteBuffer.allocateDirect(readBytes);
    }

    /** True, and the cursor on the batch that holds or follows {@code offset}, when that has been read already. */
    boolean seek(Partition wanted, long offset) {
        if (partition != wanted || offset < windowStart || offset >= windowEnd) {
            return false;
        }
        if (position >= bytes.limit() || base() > offset) {
            position = 0;
        }
        while (last() < offset) {
            position += sizeBytes();
        }
        return true;
    }

    /**
     * Reads from {@code offset} on and puts the cursor on the first batch.
     *
     * @param wantedBytes how much is likely to be used; a single larger batch is read whole
     * @return false when nothing is there
     */
    boolean read(Partition from, long offset, int wantedBytes) throws IOException {
        forget();
        try (LogSlice slice = from.read(offset, Math.min(readBytes, Math.max(wantedBytes, 1)), true, true)) {
            int size = slice.sizeBytes();
            if (size == 0) {
                return false;
            }
            if (size > bytes.capacity()) {
                bytes = ByteBuffer.allocateDirect(size);
            } else if (bytes.capacity() > readBytes && size <= readBytes) {
                // A large batch has passed; its buffer need not stay.
                bytes = ByteBuffer.allocateDirect(readBytes);
            }
            bytes.clear().limit(size);
            slice.readInto(bytes);
            bytes.flip();
        }
        position = 0;
        int lastAt = 0;
        for (int at = 0; at < bytes.limit(); at += LENGTH_END + bytes.getInt(at + LENGTH_AT)) {
            lastAt = at;
        }
        partition = from;
        windowStart = offset;
        windowEnd = bytes.getLong(lastAt) + bytes.getInt(lastAt + LAST_DELTA_AT) + 1;
        return seek(from, offset);
    }

    /** Whatever is read next is read anew. */
    void forget() {
        partition = null;
        windowEnd = Long.MIN_VALUE;
    }

    long base() {
        return bytes.getLong(position);
    }

    long last() {
        return base() + bytes.getInt(position + LAST_DELTA_AT);
    }

    int count() {
        return bytes.getInt(position + COUNT_AT);
    }

    int attributes() {
        return bytes.getShort(position + ATTRIBUTES_AT);
    }

    boolean control() {
        return (attributes() & CONTROL) != 0;
    }

    boolean compressed() {
        return (attributes() & COMPRESSION) != 0;
    }

    int sizeBytes() {
        return LENGTH_END + bytes.getInt(position + LENGTH_AT);
    }

    /** True when each offset from the first to the last has its record. */
    boolean dense() {
        return count() == bytes.getInt(position + LAST_DELTA_AT) + 1;
    }

    int position() {
        return position;
    }

    /** A view of what is read. */
    ByteBuffer slice(int from, int size) {
        return bytes.slice(from, size);
    }
}
