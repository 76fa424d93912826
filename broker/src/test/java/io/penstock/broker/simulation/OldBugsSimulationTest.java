package io.penstock.broker.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.penstock.broker.replication.OldBug;
import java.util.EnumSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * The simulation of whole clusters proves itself: each of the bugs that gave the invariants 1 to 5 and 15 their numbers is found
 * when it is put back.
 */
class OldBugsSimulationTest {
    private static final int SEEDS = 100;
    private static Level before;

    @BeforeAll
    static void silence() {
        before = logger().getLevel();
        logger().setLevel(Level.OFF);
    }

    @AfterAll
    static void unsilence() {
        logger().setLevel(before);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("io.penstock");
    }

    @ParameterizedTest
    @EnumSource(
            value = OldBug.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE"})
    @Timeout(600)
    void isFound(OldBug bug) {
        for (long seed = 1; seed <= SEEDS; seed++) {
            ClusterSimulation world = new ClusterSimulation(seed, plan(bug));
            try {
                world.run();
            } catch (AssertionError found) {
                System.out.println(bug + " is found by seed " + seed + ": " + found.getMessage());
                assertTrue(found.getMessage().matches("(?s)(after \\d+ us: )?\\d+: .*"), "no invariant: " + found);
                return;
            }
        }
        fail(bug + " is not found by " + SEEDS + " seeds");
    }

    /**
     * What gives the bugs their occasions: a power cut takes away what was acknowledged and not forced; what clients send
     * comes late.
     */
    private static Plan plan(OldBug bug) {
        return bug == OldBug.LATE_PRODUCE_15
                ? new Plan(3, 5, false, EnumSet.of(Fault.CLIENT_CUT), 25, bug)
                : new Plan(3, 5, false, EnumSet.of(Fault.KILL, Fault.POWER_CUT, Fault.PAUSE, Fault.CUT), 200, bug);
    }
}
