package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file that is opened when it is used and may be closed when it is not. Users hold it between {@link #acquire} and
 * {@link #release}; any thread may. {@link OpenFiles} closes idle ones.
 */
final class FileHandle {
    private static final int CLOSING = -1;

    private final OpenFiles files;
    private final Path path;
    private final AtomicInteger users = new AtomicInteger();
    private volatile DiskFile file;
    /** Set by every use, cleared by the sweep of {@link OpenFiles}: a second chance. */
    volatile boolean recentlyUsed;

    FileHandle(OpenFiles files, Path path) {
        this.files = files;
        this.path = path;
    }

    Path path() {
        return path;
    }

    /** Opens the file unless it is open, and keeps it open until {@link #release}. */
    DiskFile acquire(boolean create) throws IOException {
        while (true) {
            int count = users.get();
            if (count >= 0 && users.compareAndSet(count, count + 1)) {
                break;
            }
            // The sweep closes this file just now: a matter of microseconds.
            Thread.onSpinWait();
        }
        recentlyUsed = true;
        DiskFile open = file;
        if (open != null) {
            return open;
        }
        try {
            return open(create);
        } catch (IOException | RuntimeException | Error e) {
            users.decrementAndGet();
            throw e;
        }
    }

    private DiskFile open(boolean create) throws IOException {
        synchronized (this) {
            if (file == null) {
                file = files.open(this, create);
            }
            return file;
        }
    }

    void release() {
        users.decrementAndGet();
    }

    boolean isOpen() {
        return file != null;
    }

    /** Closes the file when nobody uses it. */
    boolean closeIfIdle() throws IOException {
        if (!users.compareAndSet(0, CLOSING)) {
            return false;
        }
        try {
            DiskFile open = file;
            file = null;
            if (open != null) {
                open.close();
            }
            return true;
        } finally {
            users.set(0);
        }
    }
}
