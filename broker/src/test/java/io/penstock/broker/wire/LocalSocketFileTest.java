package io.penstock.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where the socket file lies, and who may get there. */
@Timeout(20)
class LocalSocketFileTest {
    @TempDir
    Path root;

    private Path data;
    private Path temporary;

    @BeforeEach
    void makeDirectories() throws IOException {
        data = Files.createDirectory(root.resolve("d"));
        temporary = Files.createDirectory(root.resolve("t"));
    }

    private static String permissions(Path directory) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(directory));
    }

    @Test
    void itLiesInAPrivateDirectoryBesideTheDataUnderANewNameEachTime() throws IOException {
        Path file = LocalSocketFile.prepare(data, temporary);
        assertEquals(data.resolve("local"), file.getParent());
        assertEquals("rwx------", permissions(file.getParent()));
        assertNotEquals(file, LocalSocketFile.prepare(data, temporary));
    }

    @Test
    void aLongPathIsLeftForOneBelowTheTemporaryDirectoryThatIsThatBrokersAlone() throws IOException {
        Path far = Files.createDirectory(root.resolve("x".repeat(100)));
        Path alsoFar = Files.createDirectory(root.resolve("y".repeat(100)));
        Path file = LocalSocketFile.prepare(far, temporary);
        assertEquals(temporary, file.getParent().getParent());
        assertEquals("rwx------", permissions(file.getParent()));
        assertTrue(file.toString().length() <= LocalSocketFile.PATH_BYTES_MAX);
        assertEquals(file.getParent(), LocalSocketFile.prepare(far, temporary).getParent());
        assertNotEquals(
                file.getParent(), LocalSocketFile.prepare(alsoFar, temporary).getParent());
    }

    @Test
    void whereNoPathIsShortEnoughThereIsNone() throws IOException {
        Path far = Files.createDirectory(root.resolve("x".repeat(100)));
        assertThrows(IOException.class, () -> LocalSocketFile.prepare(far, far));
    }

    @Test
    void aDirectoryThatOthersCouldEnterIsClosedToThem() throws IOException {
        Path open = Files.createDirectory(data.resolve("local"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        LocalSocketFile.prepare(data, temporary);
        assertEquals("rwx------", permissions(open));
    }

    @Test
    void aLinkInItsPlaceIsNotFollowed() throws IOException {
        Files.createSymbolicLink(data.resolve("local"), temporary);
        assertThrows(NotDirectoryException.class, () -> LocalSocketFile.prepare(data, temporary));
    }

    @Test
    void socketsThatWereLeftAreRemovedAndNothingElse() throws IOException {
        Path left = LocalSocketFile.prepare(data, temporary);
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(left));
        }
        Path other = Files.createFile(left.resolveSibling("file"));
        assertTrue(Files.exists(left));
        LocalSocketFile.prepare(data, temporary);
        assertFalse(Files.exists(left));
        assertTrue(Files.exists(other));
    }
}
