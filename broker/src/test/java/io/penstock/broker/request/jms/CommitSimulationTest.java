package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.broker.request.jms.SimulatedClient.Reply;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendEntry;
import io.penstock.storage.log.LogConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Commits that move an order from one queue to three partitions of others, with the broker killed after each number of
 * events: what was confirmed is there, what was not is there as a whole or not at all, and nothing is there twice.
 */
@Timeout(120)
class CommitSimulationTest {
    private static final int ORDERS = 4;

    @ParameterizedTest
    @CsvSource({"1,1,BEFORE_REPLY", "2,2,BEFORE_REPLY", "3,1,INTERVAL"})
    void allOrNothingAtEveryCrashPoint(long seed, int loops, LogConfig.FlushPolicy policy) {
        Set<Integer> outcomes = new HashSet<>();
        for (int crashAfter = 0; crashAfter < 400; crashAfter += 3) {
            outcomes.add(crashAt(seed, loops, policy, crashAfter));
        }
        assertTrue(outcomes.contains(0) && outcomes.contains(ORDERS), "crashes before, between and after: " + outcomes);
        assertTrue(outcomes.size() > 2, "crashes before, between and after: " + outcomes);
    }

    /** Returns how many orders were moved. */
    private static int crashAt(long seed, int loops, LogConfig.FlushPolicy policy, int crashAfterEvents) {
        SimulatedFront front = new SimulatedFront(seed + crashAfterEvents, loops, policy);
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID in = client.queue("in");
        UUID out = client.resolve("out", DestinationKind.QUEUE, 3).topicId();
        for (int i = 0; i < ORDERS; i++) {
            client.send(in, 0, "order" + i);
        }
        client.listen(1, 1, in, 100);
        List<Received> orders = List.copyOf(client.awaitMessages(ORDERS));
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < ORDERS; i++) {
            List<SendEntry> sends = List.of(
                    client.entry(out, 0, "a" + i), client.entry(out, 1, "b" + i), client.entry(out, 2, "c" + i));
            replies.add(client.beginCommit(1, i + 1, sends, orders.get(i)));
            // Not all in one group of the journal, or all would share their fate.
            for (int step = 0; step < crashAfterEvents % 9; step++) {
                front.time.step();
            }
        }
        for (int i = 0; i < crashAfterEvents; i++) {
            front.time.step();
        }
        front.kill();
        front.start();
        if (crashAfterEvents % 2 == 0) {
            // Once more in the middle of the recovery.
            for (int i = 0; i < crashAfterEvents % 17; i++) {
                front.time.step();
            }
            front.kill();
            front.start();
        }

        SimulatedClient after = SimulatedClient.open(front, null);
        after.queue("in");
        after.listen(1, 1, in, 100);
        after.listen(1, 2, out, 100);
        front.runFor(5_000);
        List<String> texts = after.texts();
        String at = "crash after " + crashAfterEvents + " events with seed " + seed + ": " + texts;
        int moved = 0;
        for (int i = 0; i < ORDERS; i++) {
            int order = count(texts, "order" + i);
            int a = count(texts, "a" + i);
            assertEquals(a, count(texts, "b" + i), at);
            assertEquals(a, count(texts, "c" + i), at);
            assertEquals(1, order + a, at);
            if (replies.get(i).done && replies.get(i).error == PenstockError.NONE) {
                assertEquals(1, a, "confirmed; " + at);
            }
            moved += a;
        }
        // Everything still works: what is there can be settled.
        after.ok(after.settle(1, 1, Disposition.ACCEPT, after.received().toArray(Received[]::new)));
        return moved;
    }

    private static int count(List<String> texts, String text) {
        return (int) texts.stream().filter(text::equals).count();
    }
}
