package io.penstock.storage.disk;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** The disk port on {@code FileChannel} and {@code Files}. Stateless; every method may be called by any thread. */
public final class FileDisk implements Disk {

    @Override
    public DiskFile open(Path path, boolean create) throws IOException {
        try {
            return new ChannelFile(path, create ? openOrCreate(path) : openExisting(path));
        } catch (IOException e) {
            throw translated("open " + path, e);
        }
    }

    private static FileChannel openOrCreate(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    }

    private static FileChannel openExisting(Path path) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public DiskLock lock(Path path) throws IOException {
        return FileLockHolder.acquire(path);
    }

    @Override
    public boolean exists(Path path) {
        return Files.exists(path);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw translated("create directory " + directory, e);
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw translated("rename " + from + " to " + to, e);
        }
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        // A directory opened for reading can be forced on Linux and macOS; there is no other way in the JDK.
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long usableBytes(Path path) throws IOException {
        return Files.getFileStore(path).getUsableSpace();
    }

    /** Turns the operating system's texts for "no space" and "quota" into the named exception. */
    static IOException translated(String what, IOException e) {
        String text = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
        if (text != null && (text.contains("No space left") || text.contains("quota exceeded"))) {
            return new DiskFullException("no space left on the disk: " + what, e);
        }
        return e;
    }
}
