package io.penstock.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.process.BrokerCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The long set, by hand: {@code mvn -B verify -Pfaults -pl dist -am -Dfaults.minutes=N}. All faults in an order that the seed
 * says, again and again, on an ensemble of three; {@code -Dfaults.seed=S}, and {@code -Dfaults.only=TEXT} for those whose name
 * has it.
 */
class LongFaults {
    private static final long MINUTES = Long.getLong("faults.minutes", 10);
    private static final long SEED = Long.getLong("faults.seed", 1);
    private static final String ONLY = System.getProperty("faults.only", "");
    private static final double SLACK = Double.parseDouble(System.getProperty("faults.slack", "4"));

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    @Test
    void nothingPromisedIsBroken() throws Exception {
        System.out.println("faults.seed=" + SEED);
        Random random = new Random(SEED);
        try (BrokerCluster cluster = FaultRun.cluster(directory, 3)) {
            FaultRun run = new FaultRun(cluster, directory, "orders");
            run.begin();
            long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
            while (System.nanoTime() - end < 0) {
                List<Fault> faults = new ArrayList<>(Faults.all("orders"));
                faults.removeIf(fault -> !fault.name().contains(ONLY));
                Collections.shuffle(faults, random);
                for (Fault fault : faults) {
                    if (System.nanoTime() - end < 0) {
                        run.strike(fault);
                    }
                }
            }
            assertEquals(List.of(), run.end().tooLong(SLACK));
        }
    }
}
