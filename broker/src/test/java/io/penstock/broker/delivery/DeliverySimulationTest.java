package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many seeds of {@link DeliverySimulation}: storage and delivery with crashes, lost unsynced writes and faults of the
 * disk. A seed that fails names itself; replay it with {@code -Dpenstock.seeds=1 -Dpenstock.seed.first=SEED} (in Maven:
 * {@code -Dseeds=1 -Dseed.first=SEED}).
 */
class DeliverySimulationTest {

    private static final long SEEDS = Long.getLong("penstock.seeds", 20);
    private static final long FIRST = Long.getLong("penstock.seed.first", 1);
    private static final long SABOTAGE_SEEDS = 60;

    @Test
    @Timeout(1800)
    void nothingIsLostNothingSettledReturnsAndOrderHolds() {
        Map<DeliverySimulation.Fault, Integer> faults = new EnumMap<>(DeliverySimulation.Fault.class);
        long operations = 0;
        long acknowledged = 0;
        long duplicates = 0;
        long drains = 0;
        long skippable = 0;
        long endedByDeletion = 0;
        long committed = 0;
        long aborted = 0;
        long inTransactions = 0;
        List<String> failures = new ArrayList<>();
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            DeliverySimulation world = new DeliverySimulation(seed, DeliverySimulation.Sabotage.NONE);
            try {
                world.run();
            } catch (AssertionError | RuntimeException e) {
                e.printStackTrace(System.out);
                failures.add("seed " + seed + ": " + e + "\n  replay: mvn -pl broker -am test -Dtest="
                        + "DeliverySimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dseeds=1 -Dseed.first="
                        + seed);
                if (failures.size() == 5) {
                    break;
                }
                continue;
            }
            world.faults.forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
            int faultsOfSeed =
                    world.faults.values().stream().mapToInt(Integer::intValue).sum();
            assertTrue(world.operations >= 2000, "seed " + seed + " had only " + world.operations + " operations");
            assertTrue(faultsOfSeed >= 5, "seed " + seed + " had only " + faultsOfSeed + " faults");
            operations += world.operations;
            acknowledged += world.acknowledged;
            duplicates += world.duplicates;
            drains += world.drains;
            skippable += world.messagesSkippable;
            endedByDeletion += world.endedByDeletion;
            committed += world.committedTransactions;
            aborted += world.abortedTransactions;
            inTransactions += world.inTransactions;
        }
        System.out.println("coverage: seeds " + FIRST + ".." + (FIRST + SEEDS - 1) + ", "
                + DeliverySimulation.SECONDS * SEEDS + " simulated seconds, " + operations + " operations, "
                + acknowledged + " acknowledged sends, " + duplicates + " duplicates of idempotent producers, "
                + skippable
                + " messages that expire, are NON_PERSISTENT or noLocal, " + drains + " drains, " + endedByDeletion
                + " consumers of deleted groups, " + committed + " committed and " + aborted
                + " aborted transactions with " + inTransactions + " deliveries, faults " + faults);
        if (!failures.isEmpty()) {
            fail(String.join("\n", failures));
        }
        if (SEEDS >= 20) {
            for (DeliverySimulation.Fault fault : DeliverySimulation.Fault.values()) {
                assertTrue(faults.containsKey(fault), fault + " never occurred");
            }
            assertTrue(duplicates > 0 && drains > 0 && endedByDeletion > 0, "something never occurred");
            assertTrue(committed > 100 && aborted > 100 && inTransactions > 100, "too few transactions");
        }
    }

    @Test
    @Timeout(300)
    void itFindsAConfirmationThatDoesNotWaitForTheDisk() {
        assertFound(DeliverySimulation.Sabotage.CONFIRM_BEFORE_DURABLE);
    }

    @Test
    @Timeout(300)
    void itFindsASessionWhoseEndIsForgotten() {
        assertFound(DeliverySimulation.Sabotage.FORGET_SESSION_END);
    }

    @Test
    @Timeout(300)
    void itFindsMarksThatAreNotKept() {
        assertFound(DeliverySimulation.Sabotage.FORGET_MARKS);
    }

    @Test
    @Timeout(300)
    void itFindsDeliveryFromUndecidedTransactionsInvariant15() {
        assertFound(DeliverySimulation.Sabotage.DELIVER_UNDECIDED);
    }

    private static void assertFound(DeliverySimulation.Sabotage sabotage) {
        for (long seed = 1; seed <= SABOTAGE_SEEDS; seed++) {
            try {
                new DeliverySimulation(seed, sabotage).run();
            } catch (AssertionError found) {
                System.out.println(sabotage + " was found by seed " + seed + ": " + found.getMessage());
                return;
            }
        }
        fail(sabotage + " was not found by " + SABOTAGE_SEEDS + " seeds");
    }
}
