package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a segment from some batch on and checks every batch, up to the first that is not whole. */
final class SegmentScan {
    private static final int BUFFER_BYTES = 256 << 10;

    private final DiskFile file;
    private final long fileSize;
    private ByteBuffer buffer;
    /** File position of the buffer's first byte. */
    private long bufferAt;

    /** Sees each good batch. */
    interface Visitor {
        void batch(ByteBuffer bytes, int at, int position);
    }

    /**
     * Where the scan ended.
     *
     * @param broken what is wrong with the next bytes; null at the end of the file
     */
    record Result(int position, long nextOffset, String broken) {}

    SegmentScan(DiskFile file) throws IOException {
        this.file = file;
        fileSize = file.size();
        buffer = ByteBuffer.allocate((int) Math.max(BatchHeader.BYTES, Math.min(BUFFER_BYTES, fileSize)));
        buffer.limit(0);
    }

    Result run(int from, long firstOffset, Visitor visitor) throws IOException {
        int position = from;
        long offset = firstOffset;
        while (position < fileSize) {
            String broken = load(position, BatchHeader.BYTES) ? headerFault(position, offset) : "a torn header";
            int at = (int) (position - bufferAt);
            int size = broken == null ? BatchHeader.sizeBytes(buffer, at) : 0;
            if (broken == null) {
                load(position, size);
                at = (int) (position - bufferAt);
                if (BatchHeader.computedCrc(buffer, at) != BatchHeader.crc(buffer, at)) {
                    broken = "a wrong checksum";
                }
            }
            if (broken != null) {
                return new Result(position, offset, broken);
            }
            visitor.batch(buffer, at, position);
            offset = BatchHeader.lastOffset(buffer, at) + 1;
            position += size;
        }
        return new Result(position, offset, null);
    }

    private String headerFault(int position, long offset) {
        int at = (int) (position - bufferAt);
        int size = buffer.getInt(at + 8);
        if (size < BatchHeader.BYTES - BatchHeader.LENGTH_OVERHEAD
                || size > fileSize - position - BatchHeader.LENGTH_OVERHEAD) {
            return "a batch of length " + size;
        }
        if (BatchHeader.magic(buffer, at) != BatchHeader.MAGIC) {
            return "magic " + BatchHeader.magic(buffer, at);
        }
        if (BatchHeader.baseOffset(buffer, at) != offset || BatchHeader.lastOffsetDelta(buffer, at) < 0) {
            return "offset " + BatchHeader.baseOffset(buffer, at) + " where " + offset + " belongs";
        }
        return null;
    }

    /** Makes {@code length} bytes from a file position available; false when the file ends before. */
    private boolean load(long position, int length) throws IOException {
        if (position >= bufferAt && position + length <= bufferAt + buffer.limit()) {
            return true;
        }
        if (length > buffer.capacity()) {
            buffer = ByteBuffer.allocate(length);
        }
        buffer.clear();
        bufferAt = position;
        while (buffer.hasRemaining() && file.read(buffer, bufferAt + buffer.position()) > 0) {
            // Reads on until the buffer is full or the file ends.
        }
        buffer.flip();
        return length <= buffer.limit();
    }
}
