package io.penstock.broker.security;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The users of a single broker, one on each line, readable by its owner alone:
 *
 * <pre>
 * # comment
 * NAME SCRAM-SHA-256=[salt=...,stored_key=...,server_key=...,iterations=...],SCRAM-SHA-512=[...]
 * </pre>
 *
 * The name is percent-escaped as in a form. A change is a new file that takes the place of the old one, so who reads sees the one or the
 * other; while it is being written, its name keeps others from writing. Blocks.
 */
public final class UserFile {
    private static final int BYTES_MAX = 8 << 20;
    private static final String HEAD = "# Users of this broker. Kept by 'penstock user'.\n";

    private final Path file;

    public UserFile(Path file) {
        this.file = file;
    }

    public Path path() {
        return file;
    }

    /**
     * Reads all; none when there is no file.
     *
     * @throws IOException when it cannot be read or understood; the text names the line, and nothing that is secret
     */
    public Users read() throws IOException {
        String text;
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new IOException(file + " has more than " + BYTES_MAX + " bytes");
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return Users.none();
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new IOException(file + " is no text", e);
        }
        Map<String, String> entries = new TreeMap<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            int space = line.indexOf(' ');
            try {
                if (space <= 0
                        || entries.put(
                                        URLDecoder.decode(line.substring(0, space), StandardCharsets.UTF_8),
                                        line.substring(space + 1).strip())
                                != null) {
                    throw new IOException(file + ", line " + number + ": a name and its credentials, once each");
                }
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ", line " + number + ": the name is not escaped as it should be", e);
            }
        }
        try {
            return Users.parse(entries);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads, changes, writes, forces.
     *
     * @throws IOException also when another process is about to change it
     */
    public void change(UnaryOperator<Users> by) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Files.createDirectories(directory);
        Path next = file.resolveSibling(file.getFileName() + ".new");
        boolean made = false;
        try (SeekableByteChannel to = Files.newByteChannel(
                next,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC),
                ownerOnly(next))) {
            made = true;
            ByteBuffer bytes = ByteBuffer.wrap(text(by.apply(read())).getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                to.write(bytes);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            made = false;
        } catch (FileAlreadyExistsException e) {
            throw new IOException(
                    "somebody else is changing the users, or was ended while doing so; if not, remove " + next, e);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            if (made) {
                Files.deleteIfExists(next);
            }
        }
    }

    private static String text(Users users) {
        StringBuilder text = new StringBuilder(HEAD);
        users.texts().forEach((name, credentials) -> text.append(URLEncoder.encode(name, StandardCharsets.UTF_8))
                .append(' ')
                .append(credentials)
                .append('\n'));
        return text.toString();
    }

    private static FileAttribute<?>[] ownerOnly(Path file) {
        return posix(file)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean posix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** True when others than its owner may read or write it. */
    boolean isOpenToOthers() throws IOException {
        return posix(file)
                && Files.exists(file)
                && Files.getPosixFilePermissions(file).stream()
                        .anyMatch(each -> !each.name().startsWith("OWNER_"));
    }

    /** Differs when the file was changed; the same for as long as there is none. */
    Object mark() throws IOException {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return java.util.Arrays.asList(now.lastModifiedTime(), now.size(), now.fileKey());
        } catch (NoSuchFileException e) {
            return "none";
        }
    }
}
