package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.security.UserFile;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** B7a: {@code penstock user}, on a single broker's file. */
@Timeout(30)
class UserCommandTest {
    @TempDir
    Path directory;

    private Path config;
    private UserFile users;
    private final StringWriter errors = new StringWriter();

    @BeforeEach
    void configure() throws Exception {
        users = new UserFile(directory.resolve("users"));
        config = Files.writeString(
                directory.resolve("penstock.properties"),
                "log.dirs=" + directory.resolve("data") + "\nusers.file=" + users.path() + "\n");
    }

    private int user(String command, String... more) {
        CommandLine line = Penstock.commandLine();
        line.setErr(new PrintWriter(errors, true));
        String[] args = new String[more.length + 4];
        args[0] = "user";
        args[1] = command;
        args[2] = "--config";
        args[3] = config.toString();
        System.arraycopy(more, 0, args, 4, more.length);
        return line.execute(args);
    }

    @Test
    void usersAreAddedAndRemoved() throws Exception {
        assertEquals(0, user("add", "alice", "--password", "a"));
        assertEquals(0, user("add", "bob", "--password", "b", "--iterations", "8192"));
        assertEquals(0, user("remove", "alice"));
        assertEquals(Set.of("bob"), users.read().names());
        assertEquals(0, user("list"));
    }

    /** The first line of standard input, where there is no console. */
    @Test
    void thePasswordIsReadFromStandardInput() throws Exception {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("s3cret\r\nnot this\n".getBytes(StandardCharsets.UTF_8)));
        try {
            assertEquals(0, user("add", "alice"));
            assertEquals('n', System.in.read(), "what comes after is not the password's");
            System.setIn(new ByteArrayInputStream(new byte[0]));
            assertEquals(2, user("add", "bob"));
        } finally {
            System.setIn(before);
        }
        assertEquals(Set.of("alice"), users.read().names());
        assertFalse(Files.readString(users.path()).contains("s3cret"));
    }

    @Test
    void whatIsThereAlreadyIsReplacedOnlyWhenAsked() throws Exception {
        assertEquals(0, user("add", "alice", "--password", "a"));
        String first = Files.readString(users.path());
        assertEquals(1, user("add", "alice", "--password", "b"));
        assertTrue(errors.toString().contains("--replace"), errors.toString());
        assertEquals(first, Files.readString(users.path()));
        assertEquals(0, user("add", "alice", "--password", "b", "--replace"));
        assertFalse(first.equals(Files.readString(users.path())));
    }

    @Test
    void whatCannotBeIsAUsageError() {
        assertEquals(2, user("add", "__broker", "--password", "a"));
        assertEquals(2, user("add", "a\r\nb", "--password", "a"));
        assertEquals(2, user("add", "alice", "--password", ""));
        assertEquals(2, user("add", "alice", "--password", "a", "--iterations", "1"));
        assertEquals(1, user("remove", "nobody"));
        assertFalse(Files.exists(users.path()));
    }

    /** DESIGN.md, Defaults are safe. */
    @Test
    void aBrokerForOtherMachinesWithoutUsersIsAUsageError() throws Exception {
        Files.writeString(
                config,
                "log.dirs=" + directory.resolve("data")
                        + "\nlisteners=PLAINTEXT://0.0.0.0:0\nadvertised.listeners=PLAINTEXT://127.0.0.1:0\n");
        CommandLine line = Penstock.commandLine();
        line.setErr(new PrintWriter(errors, true));
        assertEquals(2, line.execute("start", "--config", config.toString()));
        assertTrue(errors.toString().contains("penstock user add NAME"), errors.toString());
    }
}
