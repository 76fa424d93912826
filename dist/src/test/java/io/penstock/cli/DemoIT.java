package io.penstock.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The demo judges itself: its exit code says that nothing was lost, came back or was repeated unflagged (rules 3 and 6). How
 * much passes is for quiet machines to show.
 */
@Timeout(180)
class DemoIT {
    @Test
    void demoKillsTheBrokerAndLosesNothing() {
        assertEquals(0, Penstock.commandLine().execute("demo", "--for", "20s", "--at-least", "5000"));
    }
}
