package io.penstock.storage.log;

import io.penstock.storage.simulation.SimulatedCrash;
import java.io.IOException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/**
 * Invariants 9, 10, 12, 13, 14, 25: whatever is appended, and wherever a kill or a power cut hits, what is recovered is
 * a prefix that holds everything that was told to be durable; offsets, sequences and timestamps agree with a plain
 * list of the batches.
 */
class CrashPropertyTest {

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void recoveryKeepsWhatWasAcknowledged(
            @ForAll @LongRange(min = 1, max = Long.MAX_VALUE / 4) long seed,
            @ForAll @IntRange(min = 1, max = 5) int logs,
            @ForAll @IntRange(min = 1, max = 150) int operations)
            throws IOException {
        StoreWorld world = new StoreWorld(seed, logs);
        for (int life = 0; life < 3; life++) {
            world.live(operations);
        }
    }

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void recoveryKeepsWhatWasAcknowledgedUnderFaults(
            @ForAll @LongRange(min = 1, max = Long.MAX_VALUE / 4) long seed,
            @ForAll @IntRange(min = 1, max = 5) int logs)
            throws IOException {
        StoreWorld world = new StoreWorld(seed, logs);
        for (int life = 0; life < 4; life++) {
            world.planFault();
            try {
                world.live(120);
            } catch (SimulatedCrash e) {
                throw new AssertionError("a crash outside of the simulated process", e);
            }
        }
    }
}
