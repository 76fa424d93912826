package io.penstock.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.process.BrokerCluster;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The short set: three broker processes under clients of all kinds; a leader is killed, another paused past its session, another
 * cut off, ZooKeeper killed and started again. Nothing confirmed is lost, nothing is there twice, nothing settled returns,
 * transactions are whole (invariants 12 to 20, 23, 24; JMS-RULES 3, 6, 7), and everything goes on by itself.
 */
@Timeout(600)
class ShortFaults {
    /** The limits are those of a quiet machine; this test runs on all kinds. */
    private static final double SLACK = Double.parseDouble(System.getProperty("faults.slack", "4"));

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void nothingPromisedIsBroken() throws Exception {
        try (BrokerCluster cluster = FaultRun.cluster(directory, 1)) {
            FaultRun run = new FaultRun(cluster, directory, "orders");
            run.begin();
            for (Fault fault : Faults.few("orders")) {
                run.strike(fault);
            }
            assertEquals(List.of(), run.end().tooLong(SLACK));
        }
    }
}
