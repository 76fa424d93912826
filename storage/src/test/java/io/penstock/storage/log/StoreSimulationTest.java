package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Storage alone in a simulated world, from seeds: {@code -Dpenstock.seeds=N -Dpenstock.seed.first=S}. A seed is 2,000
 * operations on five logs through ten lives with faults, kills and power cuts.
 */
class StoreSimulationTest {

    @Test
    @Timeout(300)
    void invariantsHoldForEverySeed() {
        int seeds = Integer.getInteger("penstock.seeds", 100);
        long first = Long.getLong("penstock.seed.first", 1);
        TreeMap<String, Integer> coverage = new TreeMap<>();
        for (long seed = first; seed < first + seeds; seed++) {
            try {
                run(seed, coverage);
            } catch (Exception | Error e) {
                throw new AssertionError(
                        "seed " + seed + " failed; run it again with -Dpenstock.seeds=1 -Dpenstock.seed.first=" + seed,
                        e);
            }
        }
        System.out.println("storage simulation, seeds " + first + " to " + (first + seeds - 1) + ": " + coverage);
        if (seeds >= 20) {
            for (String must : new String[] {
                "power cut",
                "kill",
                "clean stop",
                "disk full",
                "crash during a start",
                "compressed",
                "repeated",
                "retention",
                "deleted"
            }) {
                assertTrue(coverage.containsKey(must), () -> "no seed had: " + must);
            }
        }
    }

    private static void run(long seed, TreeMap<String, Integer> coverage) throws Exception {
        StoreWorld world = new StoreWorld(seed, 5);
        for (int life = 0; life < 10; life++) {
            if (life % 2 == 1) {
                world.planFault();
            }
            world.live(200);
        }
        world.coverage.forEach((what, count) -> coverage.merge(what, count, Integer::sum));
    }
}
