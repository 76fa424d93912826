package io.penstock.broker.simulation;

import static org.junit.jupiter.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/**
 * Whole clusters from many seeds: the invariants that docs/simulation.md lists, under all its faults. A seed that fails
 * names itself; replay it with {@code -Dseeds=1 -Dseed.first=SEED}.
 */
class ClusterSimulationTest {
    /** A world costs a quarter of a second: a third of what is asked for keeps the build short. */
    private static final long SEEDS = Math.max(1, Long.getLong("penstock.seeds", 100) / 3);

    private static final long FIRST = Long.getLong("penstock.seed.first", 1);
    private static final int FAILURES_MAX = 5;
    private static Level before;

    /** What brokers say of thousands of deaths would be most of the run, unless one seed is looked at. */
    @BeforeAll
    static void silence() {
        before = logger().getLevel();
        if (SEEDS > 1) {
            logger().setLevel(Level.OFF);
        }
    }

    @AfterAll
    static void unsilence() {
        logger().setLevel(before);
    }

    private static Logger logger() {
        return (Logger) LoggerFactory.getLogger("io.penstock");
    }

    @Test
    @Timeout(3600)
    void invariantsHoldAndEverythingGoesOnAfterTheFaults() {
        Map<Fault, Integer> faults = new EnumMap<>(Fault.class);
        List<String> failures = new ArrayList<>();
        long acknowledged = 0;
        long reads = 0;
        long elections = 0;
        long events = 0;
        long settled = 0;
        long redelivered = 0;
        long resumed = 0;
        long crashes = 0;
        long committed = 0;
        long aborted = 0;
        long unknown = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS && failures.size() < FAILURES_MAX; seed++) {
            ClusterSimulation world = new ClusterSimulation(seed, Plan.of(seed));
            try {
                world.run();
            } catch (AssertionError | RuntimeException e) {
                e.printStackTrace(System.out);
                failures.add("seed " + seed + ": " + e + "\n  replay: mvn -pl broker -am test -Dtest="
                        + "ClusterSimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dseeds=1 -Dseed.first="
                        + seed);
            }
            world.faults.counts().forEach((fault, count) -> faults.merge(fault, count, Integer::sum));
            acknowledged += world.acknowledged();
            reads += world.world.reads;
            elections += world.elections;
            settled += world.settled();
            redelivered += world.redelivered();
            resumed += world.world.resumed;
            committed += world.world.transactions().committed;
            aborted += world.world.transactions().aborted;
            unknown += world.world.transactions().unknown;
            crashes += world.world.clientCrashes;
            events += world.cluster.time.eventsRun();
        }
        System.out.println("coverage: seeds " + FIRST + ".." + (FIRST + SEEDS - 1) + ", " + events + " events, "
                + acknowledged + " acknowledged records, " + reads + " reads, " + settled + " settled messages, "
                + redelivered
                + " delivered again, " + resumed + " sessions taken up, " + crashes + " crashed clients, " + committed
                + " transactions committed, " + aborted + " aborted, " + unknown + " of unknown end, " + elections
                + " elections, faults "
                + faults);
        if (!failures.isEmpty()) {
            fail(String.join("\n", failures));
        }
    }
}
