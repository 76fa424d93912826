package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.broker.request.jms.SimulatedClient.Reply;
import io.penstock.protocol.message.BranchDescription;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.EndBranchRequest.Action;
import io.penstock.protocol.message.EndBranchResponse;
import io.penstock.protocol.message.EndBranchResponse.Outcome;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendEntry;
import io.penstock.storage.simulation.SimulatedTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A transaction manager whose branches move an order each, from a queue to the partitions of another: every second one is to be
 * committed. What it has decided it remembers, and nothing else: after a crash what was prepared and not decided is rolled back.
 */
final class SimulatedBranches {
    static final int ORDERS = 4;

    private final SimulatedTime time;
    private final SimulatedClient client;
    private final UUID in;
    private final UUID out;
    private final List<Received> orders;
    private final Reply[] prepares = new Reply[ORDERS];
    private final Reply[] ends = new Reply[ORDERS];
    private final boolean[] committing = new boolean[ORDERS];
    /** It was asked for in a recovery, which may have been done though nobody heard of it. */
    private final boolean[] decided = new boolean[ORDERS];
    /** Is told when something is wrong. */
    private final String what;

    SimulatedBranches(SimulatedFront front, SimulatedTime time, UUID in, UUID out, int inPartitions, String what) {
        this.time = time;
        this.client = SimulatedClient.open(front, null);
        this.in = in;
        this.out = out;
        this.what = what;
        for (int i = 0; i < ORDERS; i++) {
            client.send(in, i % inPartitions, "order" + i);
        }
        client.listen(1, 1, in, 100);
        orders = client.awaitMessages(ORDERS).stream()
                .sorted(Comparator.comparing(Received::text))
                .toList();
    }

    private static BranchId branch(int order) {
        return new BranchId(42, new byte[] {9, (byte) order}, new byte[] {(byte) order});
    }

    /** Both phases of all branches at once, for so many events. */
    void run(int events) {
        for (int i = 0; i < ORDERS; i++) {
            // A producer for each, as branches have.
            List<SendEntry> sends = List.of(
                    client.entryBy(i, out, 0, "a" + i),
                    client.entryBy(i, out, 1, "b" + i),
                    client.entryBy(i, out, 2, "c" + i));
            prepares[i] = client.beginPrepare(1, i + 1, branch(i), sends, orders.get(i));
        }
        for (int event = 0; event < events; event++) {
            time.step();
            for (int i = 0; i < ORDERS; i++) {
                if (ends[i] == null && prepares[i].done && prepares[i].error == PenstockError.NONE) {
                    committing[i] = i % 2 == 0;
                    ends[i] = client.beginEnd(branch(i), committing[i] ? Action.COMMIT : Action.ROLL_BACK);
                }
            }
        }
    }

    /** What is prepared and not decided is nobody's; it is listed, and whatever is listed is decided now, without waiting. */
    List<Reply> recover(SimulatedFront front) {
        SimulatedClient manager = SimulatedClient.open(front, null);
        Set<BranchId> listed = new HashSet<>();
        for (BranchDescription each : manager.branches()) {
            assertEquals(BranchDescription.State.PREPARED, each.state(), what);
            listed.add(each.branch());
        }
        List<Reply> decisions = new ArrayList<>();
        for (int i = 0; i < ORDERS; i++) {
            boolean prepared = prepares[i].done && prepares[i].error == PenstockError.NONE;
            if (prepared && ends[i] == null && !decided[i]) {
                assertTrue(listed.contains(branch(i)), branch(i) + " is lost; " + what);
            }
            if (listed.contains(branch(i))) {
                decided[i] = true;
                decisions.add(manager.beginEnd(branch(i), committing[i] ? Action.COMMIT : Action.ROLL_BACK));
            }
        }
        return decisions;
    }

    /** As {@link #recover}, until it is done. */
    void finish(SimulatedFront front) {
        for (Reply decision : recover(front)) {
            Outcome outcome = client.ok(decision, EndBranchResponse::read).outcome();
            assertEquals(Outcome.DONE, outcome, what);
        }
        assertEquals(List.of(), SimulatedClient.open(front, null).branches(), what);
    }

    /** Before they are decided. */
    void checkHidden(List<String> seen, SimulatedFront front) {
        for (BranchDescription each : SimulatedClient.open(front, null).branches()) {
            int order = each.branch().qualifier()[0];
            for (String text : List.of("order" + order, "a" + order, "b" + order, "c" + order)) {
                assertTrue(!seen.contains(text), text + " of a branch that is not decided was seen; " + what);
            }
        }
    }

    /** Returns how many orders were moved. */
    int check(List<SimulatedFront> fronts) {
        List<String> texts = new ArrayList<>();
        for (SimulatedFront front : fronts) {
            SimulatedClient after = SimulatedClient.open(front, null);
            after.listen(1, 1, in, 100);
            after.listen(1, 2, out, 100);
            time.runFor(TimeUnit.SECONDS.toNanos(8));
            texts.addAll(after.texts());
            after.ok(after.settle(1, 1, Disposition.ACCEPT, after.received().toArray(Received[]::new)));
        }
        String at = what + ": " + texts;
        int moved = 0;
        for (int i = 0; i < ORDERS; i++) {
            int a = count(texts, "a" + i);
            assertEquals(a, count(texts, "b" + i), at);
            assertEquals(a, count(texts, "c" + i), at);
            assertEquals(committing[i] ? 1 : 0, a, "order" + i + "; " + at);
            int held = a == 0 && count(texts, "order" + i) == 0 ? heldByClient(i) : 0;
            assertEquals(1, a + count(texts, "order" + i) + held, "order" + i + "; " + at);
            moved += a;
        }
        return moved;
    }

    /** What was never prepared is still the session's while its client lives. */
    private int heldByClient(int order) {
        Reply settled = client.settle(1, 100 + order, Disposition.ACCEPT, orders.get(order));
        return settled.error == PenstockError.NONE ? 1 : 0;
    }

    private static int count(List<String> texts, String text) {
        return (int) texts.stream().filter(text::equals).count();
    }
}
