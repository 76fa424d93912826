package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounds the number of open segment files of a store. A file that was used since the last look gets a second chance;
 * one in use is never closed, so the limit may be passed when all are in use. Any thread.
 */
final class OpenFiles {
    private static final Logger log = LoggerFactory.getLogger(OpenFiles.class);

    private final Disk disk;
    private final int openMax;
    private final ArrayDeque<FileHandle> open = new ArrayDeque<>();

    OpenFiles(Disk disk, int openMax) {
        this.disk = disk;
        this.openMax = openMax;
    }

    Disk disk() {
        return disk;
    }

    FileHandle handle(Path path) {
        return new FileHandle(this, path);
    }

    DiskFile open(FileHandle handle, boolean create) throws IOException {
        DiskFile file = disk.open(handle.path(), create);
        synchronized (this) {
            open.add(handle);
        }
        sweep();
        return file;
    }

    private synchronized void sweep() {
        // Two rounds: the first may only take away the second chances.
        for (int looks = 2 * open.size(); open.size() > openMax && looks > 0; looks--) {
            FileHandle handle = open.poll();
            if (handle.recentlyUsed) {
                handle.recentlyUsed = false;
                open.add(handle);
            } else if (!closed(handle)) {
                open.add(handle);
            }
        }
    }

    private static boolean closed(FileHandle handle) {
        try {
            return !handle.isOpen() || handle.closeIfIdle();
        } catch (IOException e) {
            // What was written is in the page cache all the same, and a force opens the file again.
            log.warn("closing {} failed", handle.path(), e);
            return true;
        }
    }

    synchronized int openCount() {
        return open.size();
    }

    /** Takes a handle out of the count and closes it when idle; a slice that still reads closes it with its last use. */
    void forget(FileHandle handle) {
        if (closed(handle)) {
            synchronized (this) {
                open.remove(handle);
            }
        }
    }

    /** Closes all that nobody uses. */
    synchronized void closeAll() {
        open.removeIf(OpenFiles::closed);
    }
}
