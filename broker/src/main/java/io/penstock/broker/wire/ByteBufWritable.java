package io.penstock.broker.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import io.penstock.broker.request.LogSliceRecords;
import io.penstock.storage.log.LogSlice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * Where kafka-clients writes a message to: buffers, and between them regions of log files for {@code sendfile}.
 *
 * <pre>
 * | buffer: length, header, fields | region of a segment | buffer: more fields | region ... | buffer |
 * </pre>
 *
 * Owns what it holds until {@link #parts} is taken. One for each response; event loop only.
 */
final class ByteBufWritable implements Writable {
    /** Smaller slices are copied: one system call for all of the response is cheaper than two. */
    private static final int SENDFILE_BYTES_MIN = 32 << 10;

    private static final int MORE_BYTES = 512;

    private final ByteBufAllocator allocator;
    private final boolean sendfile;
    private final List<Object> parts = new ArrayList<>(1);
    private ByteBuf buffer;

    /** @param sendfile false where bytes have to be seen before they are sent (TLS) */
    ByteBufWritable(ByteBufAllocator allocator, int sizeBytes, boolean sendfile) {
        this.allocator = allocator;
        this.sendfile = sendfile;
        this.buffer = allocator.ioBuffer(sizeBytes);
    }

    /** What to send, in order; the caller owns it. */
    List<Object> parts() {
        if (buffer.isReadable() || parts.isEmpty()) {
            parts.add(buffer);
        } else {
            buffer.release();
        }
        buffer = null;
        return parts;
    }

    /** Frees everything after a failure. */
    void release() {
        buffer.release();
        parts.forEach(ReferenceCountUtil::release);
    }

    @Override
    public void writeByte(byte value) {
        buffer.writeByte(value);
    }

    @Override
    public void writeShort(short value) {
        buffer.writeShort(value);
    }

    @Override
    public void writeInt(int value) {
        buffer.writeInt(value);
    }

    @Override
    public void writeLong(long value) {
        buffer.writeLong(value);
    }

    @Override
    public void writeDouble(double value) {
        buffer.writeDouble(value);
    }

    @Override
    public void writeByteArray(byte[] bytes) {
        buffer.writeBytes(bytes);
    }

    @Override
    public void writeUnsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            buffer.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte(rest);
    }

    @Override
    public void writeByteBuffer(ByteBuffer bytes) {
        buffer.writeBytes(bytes.duplicate());
    }

    @Override
    public void writeVarint(int value) {
        writeUnsignedVarint((value << 1) ^ (value >> 31));
    }

    @Override
    public void writeVarlong(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            buffer.writeByte((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte((int) rest);
    }

    @Override
    public void writeRecords(BaseRecords records) {
        if (records instanceof LogSliceRecords sliced) {
            write(sliced.slice());
        } else if (records instanceof MemoryRecords memory) {
            writeByteBuffer(memory.buffer());
        } else {
            throw new IllegalArgumentException("records of " + records.getClass());
        }
    }

    private void write(LogSlice slice) {
        int size = slice.sizeBytes();
        FileChannel channel =
                sendfile && size >= SENDFILE_BYTES_MIN ? slice.file().channel() : null;
        if (channel != null) {
            parts.add(buffer);
            parts.add(new SliceRegion(channel, slice));
            buffer = allocator.ioBuffer(MORE_BYTES);
            return;
        }
        try {
            buffer.ensureWritable(size);
            slice.readInto(buffer.nioBuffer(buffer.writerIndex(), size));
            buffer.writerIndex(buffer.writerIndex() + size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            slice.close();
        }
    }
}
