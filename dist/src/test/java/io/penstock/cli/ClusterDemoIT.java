package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The cluster's demo judges itself: its exit code says that nothing was lost, came back or was repeated unflagged (rules 3
 * and 6, invariants 12 and 14), that the leader's death was got over, and that it came back in sync. How long producers
 * waited, and how much passes, is for quiet machines to show.
 */
@Timeout(300)
class ClusterDemoIT {
    @Test
    void demoKillsALeaderAndLosesNothing() {
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        PrintStream out = System.out;
        int exitCode;
        System.setOut(new PrintStream(told, true, StandardCharsets.UTF_8));
        try {
            exitCode = Penstock.commandLine()
                    .execute("cluster", "demo", "--for", "20s", "--at-least", "1000", "--gap", "30000");
        } finally {
            System.setOut(out);
        }
        assertEquals(0, exitCode, () -> told.toString(StandardCharsets.UTF_8));
    }
}
