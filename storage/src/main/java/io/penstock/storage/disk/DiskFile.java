package io.penstock.storage.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * An open file, read and written at explicit positions. Reads, writes and {@link #force} may run at the same time on
 * different threads; {@link #truncate} may overlap a force, {@link #close} nothing. Never interrupt a thread that is
 * in here: the JDK closes the channel of an interrupted thread.
 */
public interface DiskFile extends Closeable {

    /** Size in bytes, preallocated space included. */
    long size() throws IOException;

    /** Reads up to {@code dst.remaining()} bytes; -1 at or past the end. */
    int read(ByteBuffer dst, long position) throws IOException;

    /** Writes all remaining bytes of {@code src} (consuming it), or throws; a failed write may have written a part. */
    void write(ByteBuffer src, long position) throws IOException;

    /** As {@link #write(ByteBuffer, long)} for several buffers in one call. */
    void write(ByteBuffer[] srcs, long position) throws IOException;

    /** Makes written bytes durable (fdatasync; with {@code metadata} fsync). Blocks. */
    void force(boolean metadata) throws IOException;

    void truncate(long size) throws IOException;

    /** Extends the file to {@code size} with zeros, blocks allocated, so that a later force costs no metadata write. */
    void allocate(long size) throws IOException;

    /** The channel for {@code sendfile}, or null where there is none (simulation). */
    FileChannel channel();

    @Override
    void close() throws IOException;
}
