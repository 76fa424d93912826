package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(30)
class CommandLineTest {
    private final StringWriter errors = new StringWriter();
    private final StringWriter output = new StringWriter();

    private int run(String... args) {
        CommandLine command = Penstock.commandLine();
        command.setErr(new PrintWriter(errors, true)).setOut(new PrintWriter(output, true));
        return command.execute(args);
    }

    @Test
    void noCommandAndUnknownCommandAreUsageErrors() {
        assertEquals(2, run());
        assertEquals(2, run("fly"));
        assertEquals(2, run("start", "--no-such-option"));
        assertEquals(2, run("demo", "--for", "soon"));
        assertTrue(errors.toString().contains("'soon' is not a time"), errors.toString());
    }

    @Test
    void helpNamesEveryCommandThatWorks() {
        assertEquals(0, run("--help"));
        for (String command : new String[] {"start", "demo", "topic", "queue", "subscription", "group", "produce"}) {
            assertTrue(output.toString().contains(command), command);
        }
    }

    @Test
    void wrongConfigurationIsAUsageErrorThatNamesTheKey(@TempDir Path directory) throws Exception {
        Path config = Files.writeString(directory.resolve("p.properties"), "num.partitions=many\n");
        assertEquals(2, run("start", "--config", config.toString()));
        assertTrue(errors.toString().contains("num.partitions"), errors.toString());
        assertEquals(2, run("start", "--config", directory.resolve("missing").toString()));
    }

    @Test
    void aBrokerThatIsNotThereIsAFailureWithAText() {
        assertEquals(1, run("queue", "list", "--broker", "127.0.0.1:1"));
        assertTrue(errors.toString().contains("no broker answers at 127.0.0.1:1"), errors.toString());
    }
}
