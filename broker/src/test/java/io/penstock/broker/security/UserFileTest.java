package io.penstock.broker.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.scram.ScramCredential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** B7a: users in a file; RELIABILITY.md, Security: salted hashes, mode 0600, no secret in a text. */
@Timeout(30)
class UserFileTest {
    private static final int ITERATIONS = ScramCredential.ITERATIONS_MIN;
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    Path directory;

    private UserFile file() {
        return new UserFile(directory.resolve("made").resolve("users"));
    }

    private static UserCredentials credentials(String password) {
        return UserCredentials.of(password, ITERATIONS, RANDOM);
    }

    @Test
    void noFileHasNoUsers() throws IOException {
        assertTrue(file().read().isEmpty());
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        List<String> names = List.of("alice", "Bj\u00f6rn =,% +x", "\u65e5\u672c\u8a9e", "a b#c:d");
        for (String name : names) {
            file().change(users -> users.with(name, credentials("secret of " + name)));
        }

        Users read = file().read();
        assertEquals(Set.copyOf(names), read.names());
        for (String name : names) {
            assertTrue(read.find(name).sha256().isOf("secret of " + name));
            assertTrue(read.find(name).sha512().isOf("secret of " + name));
            assertFalse(read.find(name).sha256().isOf("secret of"));
        }
        file().change(users -> users.without("alice"));
        assertEquals(3, file().read().names().size());
    }

    @Test
    void theFileIsItsOwnersAloneAndHoldsNoPassword() throws IOException {
        file().change(users -> users.with("alice", credentials("the-password")));

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file().path())));
        assertFalse(file().isOpenToOthers());
        assertFalse(Files.readString(file().path()).contains("the-password"));
        try (var left = Files.list(file().path().getParent())) {
            assertEquals(1, left.count());
        }
    }

    @Test
    void theSamePasswordTwiceLooksDifferent() {
        assertFalse(credentials("x").equals(credentials("x")));
    }

    @Test
    void aChangeThatFailsLeavesTheFileAsItWas() throws IOException {
        file().change(users -> users.with("alice", credentials("x")));
        assertThrows(
                IllegalArgumentException.class, () -> file().change(users -> users.with("__broker", credentials("x"))));
        assertEquals(Set.of("alice"), file().read().names());
        file().change(users -> users.with("bob", credentials("x")));
        assertEquals(Set.of("alice", "bob"), file().read().names());
    }

    @Test
    void twoDoNotChangeItAtOnce() throws IOException {
        file().change(users -> users.with("alice", credentials("x")));
        IOException refused = assertThrows(IOException.class, () -> file().change(users -> {
            try {
                file().change(other -> other.with("mallory", credentials("x")));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return users;
        }));
        assertTrue(refused.getMessage().contains("users.new"), refused.getMessage());
        assertEquals(Set.of("alice"), file().read().names());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice",
                "alice SCRAM",
                "%zz SCRAM-SHA-256=[],SCRAM-SHA-512=[]",
                "__broker SCRAM-SHA-256=[x],SCRAM-SHA-512=[y]",
                "a%0Ab SCRAM-SHA-256=[x],SCRAM-SHA-512=[y]",
                "\u0000"
            })
    void whatIsNoUserIsRefusedWithoutBeingRepeated(String line) throws IOException {
        Files.createDirectories(file().path().getParent());
        Files.writeString(file().path(), line);
        IOException refused = assertThrows(IOException.class, () -> file().read());
        assertFalse(refused.getMessage().contains("SCRAM-SHA-512=["), refused.getMessage());
        assertEquals(-1, refused.getMessage().indexOf('\n'));
    }

    @Test
    void aFileThatOthersMayReadIsNoticed() throws IOException {
        file().change(users -> users.with("alice", credentials("x")));
        Files.setPosixFilePermissions(file().path(), PosixFilePermissions.fromString("rw-r-----"));
        assertTrue(file().isOpenToOthers());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " alice",
                "alice ",
                "a\r\nb",
                "a\u0000b",
                "\u202egnp.exe",
                "zero\u200bwidth",
                "line\u2028separator",
                "half\ud83d",
                "ANONYMOUS",
                "__broker",
                "__x"
            })
    void namesThatNobodyMayHave(String name) {
        assertThrows(IllegalArgumentException.class, () -> Users.none().with(name, credentials("x")));
    }

    @Test
    void namesAreBoundedAndShownOnOneLine() {
        assertThrows(IllegalArgumentException.class, () -> Users.none().with("x".repeat(201), credentials("x")));
        assertEquals("a??b", UserNames.shown("a\r\nb"));
        assertEquals("a?b", UserNames.shown("a\u202eb"));
        assertEquals(83, UserNames.shown("x".repeat(100_000)).length());
        assertEquals("nobody", UserNames.shown(null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\u0000b"})
    void passwordsThatCannotBe(String password) {
        assertThrows(IllegalArgumentException.class, () -> credentials(password));
    }

    @Test
    void nothingSecretIsInATextForPeople() throws IOException {
        UserCredentials kept = credentials("the-password");
        String salt = kept.sha256().text().substring(0, 20);
        Users users = Users.none().with("alice", kept);
        for (Object each : List.of(kept, users, kept.sha256())) {
            assertFalse(each.toString().contains(salt), each.toString());
            assertFalse(each.toString().contains("the-password"), each.toString());
        }
    }

    @Test
    void whoIsGoneOrHasAnotherPasswordIsTold() {
        LiveUsers live = new LiveUsers(new ClusterKeys(new byte[32]));
        List<Set<String>> told = new ArrayList<>();
        live.whenLost(told::add);
        UserCredentials same = credentials("x");
        live.become(Users.none().with("a", same).with("b", credentials("b")).with("c", credentials("c")));
        live.become(Users.none().with("a", same).with("b", credentials("other")));
        live.become(Users.none().with("a", same).with("b", live.isEmpty() ? null : credentials("b3")));

        assertEquals(List.of(Set.of("b", "c"), Set.of("b")), told);
    }
}
