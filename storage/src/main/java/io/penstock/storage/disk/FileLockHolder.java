package io.penstock.storage.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** An operating system's lock on a file. It ends with the process, so that a kill leaves no stale lock. */
final class FileLockHolder implements DiskLock {
    private final FileChannel channel;

    private FileLockHolder(FileChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException when another process, or this one, has the lock */
    static FileLockHolder acquire(Path path) throws IOException {
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        if (lock == null) {
            channel.close();
            throw new IOException("the directory " + path.getParent()
                    + " is in use by another broker; stop that one, or give this one a directory of its own");
        }
        return new FileLockHolder(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
