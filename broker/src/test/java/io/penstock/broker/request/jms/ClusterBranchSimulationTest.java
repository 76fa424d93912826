package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.TopicImage;
import io.penstock.storage.log.LogConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Branches of distributed transactions between queues of three leaders; the client's broker, the home, a leader, or the first
 * two are killed after each fifth event of both phases, and again while what was prepared is decided (invariants 21 and 23).
 */
@Timeout(180)
class ClusterBranchSimulationTest {

    @ParameterizedTest
    @CsvSource({"1,1,1", "2,2,1", "3,1,2", "4,2,2", "5,1,3", "6,1,12"})
    void invariant21PreparedBranchesAreKeptWhoeverDies(long seed, int loops, int victims) {
        Set<Integer> outcomes = new HashSet<>();
        for (int crashAfter = 0; crashAfter < 400; crashAfter += 5) {
            outcomes.add(crashAt(1_000 * seed + crashAfter, loops, victims, crashAfter));
        }
        assertTrue(outcomes.contains(SimulatedBranches.ORDERS / 2), "crashes afterwards: " + outcomes);
        assertTrue(outcomes.size() > 1, "crashes before, between and after: " + outcomes);
    }

    /** @param victims digits of the brokers' ids: 1 is the client's, 2 the home */
    private static int crashAt(long seed, int loops, int victims, int crashAfterEvents) {
        SimulatedCluster cluster = new SimulatedCluster(seed, 3, loops, LogConfig.FlushPolicy.BEFORE_REPLY);
        Map<String, String> queue = Map.of(TopicImage.KIND, "queue", "penstock.retention", "consumed");
        cluster.topic(
                InternalTopics.TRANSACTIONS,
                Map.of("flush.policy", "before-reply", "max.message.bytes", "100000000"),
                2);
        cluster.topic("in", queue, 1, 2, 3);
        cluster.topic("out", queue, 1, 2, 3);
        SimulatedClient admin = SimulatedClient.open(cluster.front(1), null);
        UUID in = admin.queue("in");
        UUID out = admin.queue("out");
        SimulatedBranches branches = new SimulatedBranches(
                cluster.front(1),
                cluster.time,
                in,
                out,
                3,
                victims + " die after " + crashAfterEvents + " events with seed " + seed);
        branches.run(crashAfterEvents);
        killAndRestart(cluster, victims, crashAfterEvents % 2 == 0 ? 50 : 9_000);
        cluster.runFor(30_000);
        if (crashAfterEvents % 3 == 0) {
            branches.recover(cluster.front(3));
            for (int i = 0; i < crashAfterEvents % 71; i++) {
                cluster.time.step();
            }
            killAndRestart(cluster, victims, 50);
            cluster.runFor(30_000);
        }
        branches.finish(cluster.front(3));
        cluster.runFor(10_000);
        return branches.check(List.of(cluster.front(1), cluster.front(2), cluster.front(3)));
    }

    private static void killAndRestart(SimulatedCluster cluster, int victims, long millis) {
        List<Integer> dead = victims == 12 ? List.of(1, 2) : List.of(victims);
        dead.forEach(cluster::kill);
        cluster.runFor(millis);
        dead.forEach(cluster::restart);
    }
}
