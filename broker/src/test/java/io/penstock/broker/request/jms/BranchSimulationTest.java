package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.message.CloseSessionRequest;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.storage.log.LogConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Branches of distributed transactions over several logs of one broker, which is killed after each third event of both phases,
 * during its recovery, and while what was prepared is decided afterwards (invariants 21 and 23).
 */
@Timeout(120)
class BranchSimulationTest {

    @ParameterizedTest
    @CsvSource({"1,1,BEFORE_REPLY", "2,2,BEFORE_REPLY", "3,1,INTERVAL"})
    void invariant21PreparedBranchesAreKeptAtEveryCrashPoint(long seed, int loops, LogConfig.FlushPolicy policy) {
        Set<Integer> outcomes = new HashSet<>();
        for (int crashAfter = 0; crashAfter < 450; crashAfter += 3) {
            outcomes.add(crashAt(1_000 * seed + crashAfter, loops, policy, crashAfter));
        }
        assertTrue(
                outcomes.contains(0) && outcomes.contains(SimulatedBranches.ORDERS / 2),
                "crashes before and after the decisions: " + outcomes);
    }

    private static int crashAt(long seed, int loops, LogConfig.FlushPolicy policy, int crashAfterEvents) {
        SimulatedFront front = new SimulatedFront(seed, loops, policy);
        SimulatedClient admin = SimulatedClient.open(front, null);
        UUID in = admin.queue("in");
        UUID out = admin.resolve("out", DestinationKind.QUEUE, 3).topicId();
        SimulatedBranches branches = new SimulatedBranches(
                front, front.time, in, out, 1, "crash after " + crashAfterEvents + " events with seed " + seed);
        branches.run(crashAfterEvents);
        killAndStart(front);
        if (crashAfterEvents % 2 == 0) {
            steps(front, crashAfterEvents % 17);
            killAndStart(front);
        }
        if (crashAfterEvents % 4 < 2) {
            SimulatedClient other = SimulatedClient.open(front, null);
            other.listen(1, 1, in, 100);
            other.listen(1, 2, out, 100);
            front.runFor(3_000);
            branches.checkHidden(other.texts(), front);
            other.ok(other.request(PenstockApi.CLOSE_SESSION, new CloseSessionRequest(1, List.of())));
        }
        if (crashAfterEvents % 5 < 3) {
            branches.recover(front);
            steps(front, crashAfterEvents % 41);
            killAndStart(front);
        }
        branches.finish(front);
        return branches.check(List.of(front));
    }

    private static void steps(SimulatedFront front, int steps) {
        for (int i = 0; i < steps; i++) {
            front.time.step();
        }
    }

    private static void killAndStart(SimulatedFront front) {
        front.kill();
        front.start();
    }
}
