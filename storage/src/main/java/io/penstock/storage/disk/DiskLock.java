package io.penstock.storage.disk;

import java.io.Closeable;
import java.io.IOException;

/** A directory's lock against a second process; given back by {@link #close} or with the process. */
public interface DiskLock extends Closeable {
    @Override
    void close() throws IOException;
}
