package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The demo judges itself: its exit code says that nothing was lost, came back or was repeated unflagged (rules 3 and 6). How
 * much passes is for quiet machines to show.
 */
@Timeout(240)
class DemoIT {
    @Test
    void demoKillsTheBrokerAndLosesNothing() {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        PrintStream out = System.out;
        int exitCode;
        System.setOut(new PrintStream(told, true, StandardCharsets.UTF_8));
        try {
            exitCode = Penstock.commandLine().execute("demo", "--for", "20s", "--at-least", "5000");
        } finally {
            System.setOut(out);
        }
        assertEquals(0, exitCode, () -> told.toString(StandardCharsets.UTF_8));
    }
}
