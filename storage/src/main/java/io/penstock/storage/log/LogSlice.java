package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A run of whole batches inside one segment, not read yet: a file, a position and a length, for {@code sendfile} or
 * for a copy. Holds its segment's file open until {@link #close}, even when retention removes the segment meanwhile.
 */
public interface LogSlice extends AutoCloseable {

    /** Offset that was asked for, inside or before the first batch. */
    long fetchOffset();

    /** No record of the slice has this offset or a larger one; it may end before. */
    default long endOffsetMax() {
        return Long.MAX_VALUE;
    }

    /** Length in bytes; 0 when there is nothing at that offset yet. */
    int sizeBytes();

    /** The file to send from; only where {@link DiskFile#channel()} is not null is {@code sendfile} possible. */
    DiskFile file();

    /** Where in {@link #file()} the slice begins. */
    long position();

    /** Copies the whole slice into {@code dst}. Reads of the page cache; a cold read may block. */
    void readInto(ByteBuffer dst) throws IOException;

    @Override
    void close();
}
