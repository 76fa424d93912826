package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@link DeliverySimulation} with priorities, delivery delays and message groups (rules 18, 19, 28): strict priority,
 * nothing early, one owner of a message group, over all the faults. Replay a seed as that of
 * {@link DeliverySimulationTest}.
 */
class OrderedSimulationTest {

    /** A part of those of the other test: it is the same world. */
    private static final long SEEDS = Math.max(1, Long.getLong("penstock.seeds", 40) / 4);

    private static final long FIRST = Long.getLong("penstock.seed.first", 1);
    private static final long SABOTAGE_SEEDS = 20;

    @Test
    @Timeout(1800)
    void prioritiesDelaysAndMessageGroupsHold() {
        long ordered = 0;
        List<String> failures = new ArrayList<>();
        for (long seed = FIRST; seed < FIRST + SEEDS && failures.size() < 5; seed++) {
            DeliverySimulation world = new DeliverySimulation(seed, DeliverySimulation.Sabotage.NONE, true);
            try {
                world.run();
                ordered += world.ordered;
            } catch (AssertionError | RuntimeException e) {
                e.printStackTrace(System.out);
                failures.add("seed " + seed + ": " + e + "\n  replay: mvn -pl broker -am test -Dtest="
                        + "OrderedSimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dseeds=1 -Dseed.first="
                        + seed);
            }
        }
        System.out.println("coverage: seeds " + FIRST + ".." + (FIRST + SEEDS - 1) + ", " + ordered
                + " messages with a priority, a delay or a message group");
        if (!failures.isEmpty()) {
            fail(String.join("\n", failures));
        }
        assertTrue(ordered > 100 * SEEDS);
    }

    @Test
    @Timeout(300)
    void itFindsForgottenPriorities() {
        assertFound(DeliverySimulation.Sabotage.FORGET_PRIORITIES);
    }

    @Test
    @Timeout(300)
    void itFindsForgottenDelays() {
        assertFound(DeliverySimulation.Sabotage.FORGET_DELAYS);
    }

    @Test
    @Timeout(300)
    void itFindsForgottenMessageGroups() {
        assertFound(DeliverySimulation.Sabotage.FORGET_MESSAGE_GROUPS);
    }

    private static void assertFound(DeliverySimulation.Sabotage sabotage) {
        for (long seed = 1; seed <= SABOTAGE_SEEDS; seed++) {
            try {
                new DeliverySimulation(seed, sabotage, true).run();
            } catch (AssertionError found) {
                System.out.println(sabotage + " was found by seed " + seed + ": " + found.getMessage());
                return;
            }
        }
        fail(sabotage + " was not found by " + SABOTAGE_SEEDS + " seeds");
    }
}
