package io.penstock.broker.transaction.kafka;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many seeds of {@link TransactionSimulation}; each third seed has another flush policy. A seed that fails names itself;
 * replay it with {@code -Dseeds=1 -Dseed.first=SEED}.
 */
class TransactionSimulationTest {
    private static final long SEEDS = Long.getLong("penstock.seeds", 20);
    private static final long FIRST = Long.getLong("penstock.seed.first", 1);
    private static final long SABOTAGE_SEEDS = 60;

    @Test
    @Timeout(1800)
    void eachTransactionEndsInOneWayEverywhereAndNoReaderStallsInvariant15() {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> failures = new ArrayList<>();
        for (long seed = FIRST; seed < FIRST + SEEDS && failures.size() < 5; seed++) {
            TransactionSimulation world = new TransactionSimulation(seed, TransactionSimulation.Sabotage.NONE);
            try {
                world.run();
            } catch (AssertionError | RuntimeException e) {
                e.printStackTrace(System.out);
                failures.add(
                        "seed " + seed + " (" + world.policy + "): " + e + "\n  replay: mvn -pl broker -am test -Dtest="
                                + "TransactionSimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dseeds=1 -Dseed.first="
                                + seed);
                continue;
            }
            world.counts.forEach((what, count) -> counts.merge(what, count, Integer::sum));
        }
        System.out.println("coverage: seeds " + FIRST + ".." + (FIRST + SEEDS - 1) + ", " + counts);
        if (!failures.isEmpty()) {
            fail(String.join("\n", failures));
        }
        if (SEEDS >= 20) {
            for (String what : List.of("commits", "aborts", "fenced", "power cuts", "kills", "zombies")) {
                assertTrue(counts.getOrDefault(what, 0) >= SEEDS, what + ": " + counts);
            }
        }
    }

    @Test
    @Timeout(300)
    void itFindsProduceThatNobodyVerifiedInvariant15() {
        assertFound(TransactionSimulation.Sabotage.VERIFY_NOTHING);
    }

    @Test
    @Timeout(300)
    void itFindsLateEndsThatAreTakenInvariant15() {
        assertFound(TransactionSimulation.Sabotage.TAKE_LATE_ENDS);
    }

    @Test
    @Timeout(300)
    void itFindsMarkersThatCountBeforeTheyAreOnTheDiskInvariant15() {
        assertFound(TransactionSimulation.Sabotage.COUNT_UNFORCED_MARKERS);
    }

    private static void assertFound(TransactionSimulation.Sabotage sabotage) {
        for (long seed = 1; seed <= SABOTAGE_SEEDS; seed++) {
            try {
                new TransactionSimulation(seed, sabotage).run();
            } catch (AssertionError found) {
                System.out.println(sabotage + " was found by seed " + seed + ": " + found.getMessage());
                return;
            }
        }
        fail(sabotage + " was not found by " + SABOTAGE_SEEDS + " seeds");
    }
}
