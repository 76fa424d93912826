package io.penstock.broker.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Where a broker's socket file lies: in a directory that nobody but the broker's user may enter, under a name that no other
 * life of any broker has, so that a client cannot meet another broker there than the one that named the file.
 *
 * <pre>
 * log.dirs/local/NAME                    or, where that is too long for a socket's address,
 * java.io.tmpdir/penstock-HASH/NAME      with a hash of log.dirs
 * </pre>
 *
 * Stateless; the thread that starts the broker, which holds the lock of the data directory.
 */
final class LocalSocketFile {
    /** Of an address: macOS takes 103, Linux 107. */
    static final int PATH_BYTES_MAX = 100;

    /** A number of 63 bits in base 36. */
    private static final int NAME_BYTES = 13;

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");

    private LocalSocketFile() {}

    /** False where a directory cannot be kept from other users, or not in a way that is known here. */
    static boolean possible() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }

    /**
     * Makes the directory, removes what a killed broker has left in it, and names a file that is not there yet.
     *
     * @throws IOException if there is no directory that would do
     */
    static Path prepare(Path dataDirectory, Path temporaryDirectory) throws IOException {
        Path directory = dataDirectory.resolve("local");
        if (!fits(directory)) {
            String hash = UUID.nameUUIDFromBytes(
                            dataDirectory.toRealPath().toString().getBytes(StandardCharsets.UTF_8))
                    .toString();
            directory = temporaryDirectory.toAbsolutePath().resolve("penstock-" + hash);
            if (!fits(directory)) {
                throw new IOException("the paths of " + dataDirectory + " and of " + temporaryDirectory
                        + " are too long for a socket's address");
            }
        }
        if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PRIVATE));
        }
        requirePrivate(directory, dataDirectory);
        removeSockets(directory);
        return directory.resolve(
                Long.toString(UUID.randomUUID().getMostSignificantBits() & Long.MAX_VALUE, Character.MAX_RADIX));
    }

    private static boolean fits(Path directory) {
        int bytes = directory.toString().getBytes(StandardCharsets.UTF_8).length;
        return bytes + 1 + NAME_BYTES <= PATH_BYTES_MAX;
    }

    /** A directory of this name below the system's temporary one may be anybody's. */
    private static void requirePrivate(Path directory, Path dataDirectory) throws IOException {
        PosixFileAttributes found =
                Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isDirectory()) {
            throw new NotDirectoryException(directory.toString());
        }
        if (!found.owner().equals(Files.getOwner(dataDirectory))) {
            throw new IOException(directory + " belongs to " + found.owner() + ", and " + dataDirectory + " does not");
        }
        if (!found.permissions().equals(PRIVATE)) {
            Files.setPosixFilePermissions(directory, PRIVATE);
        }
    }

    private static void removeSockets(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> left = entries.filter(LocalSocketFile::isSocketOrSuch).toList();
            for (Path socket : left) {
                Files.delete(socket);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean isSocketOrSuch(Path entry) {
        try {
            return Files.readAttributes(entry, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
