package io.penstock.storage.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The port to a file system. Everything that storage does to files goes through here, so that a simulation can lose
 * unsynced writes, fail calls and run out of space. Implementations are thread safe; the files that they open are
 * not, unless {@link DiskFile} says so.
 *
 * <p>Errors of the device arrive as {@link IOException}; running out of space as {@link DiskFullException}.
 */
public interface Disk {

    /** Opens an existing file for reading and writing, or creates it when {@code create} is set. */
    DiskFile open(Path path, boolean create) throws IOException;

    /**
     * Takes the lock file {@code path}, creating it when it is missing, for this process.
     *
     * @throws IOException at once when somebody else has it
     */
    DiskLock lock(Path path) throws IOException;

    boolean exists(Path path);

    /** Names of the entries of a directory, sorted; empty when there is no such directory. */
    List<String> list(Path directory) throws IOException;

    void createDirectories(Path directory) throws IOException;

    /** Removes a file or an empty directory; a missing one is not an error. */
    void delete(Path path) throws IOException;

    /** Replaces {@code to} by {@code from} atomically. Durable only after {@link #syncDirectory} of the parent. */
    void rename(Path from, Path to) throws IOException;

    /** Makes creations, deletions and renames in a directory durable. Blocks: never on an owner's thread. */
    void syncDirectory(Path directory) throws IOException;

    /** Bytes that may still be written on the disk that holds {@code path}. */
    long usableBytes(Path path) throws IOException;
}
