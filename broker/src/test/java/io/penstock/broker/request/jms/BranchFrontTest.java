package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.broker.request.jms.SimulatedClient.Reply;
import io.penstock.protocol.message.BranchDescription;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.CloseSessionRequest;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.EndBranchRequest.Action;
import io.penstock.protocol.message.EndBranchResponse.Outcome;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Prepared branches of one broker (rule 30, invariants 21 and 22). */
@Timeout(60)
class BranchFrontTest {
    private static final BranchId A = branch(1);
    private static final BranchId B = branch(2);

    private final SimulatedFront front = new SimulatedFront(5);

    private static BranchId branch(int number) {
        return new BranchId(7, new byte[] {(byte) number}, new byte[] {1, 2});
    }

    /** A client with messages m0, m1, m2 of queue in at its session 1. */
    private final class World {
        final SimulatedClient client = SimulatedClient.open(front, null);
        final UUID in = client.queue("in");
        final UUID out = client.queue("out");
        final List<Received> got;

        World() {
            client.send(in, 0, "m0", "m1", "m2");
            client.listen(1, 1, in, 100);
            got = List.copyOf(client.awaitMessages(3));
        }

        void prepare(BranchId branch, int order) {
            client.ok(client.beginPrepare(
                    1, order + 1, branch, List.of(client.entryBy(order, out, 0, "x" + order)), got.get(order)));
        }

        void endSession() {
            client.ok(client.request(PenstockApi.CLOSE_SESSION, new CloseSessionRequest(1, List.of())));
        }
    }

    private SimulatedClient listener(UUID... queues) {
        SimulatedClient client = SimulatedClient.open(front, null);
        for (int i = 0; i < queues.length; i++) {
            client.listen(9, 90 + i, queues[i], 100);
        }
        front.runFor(3_000);
        return client;
    }

    private static List<BranchId> ids(List<BranchDescription> branches) {
        return branches.stream().map(BranchDescription::branch).toList();
    }

    @Test
    void invariant21WhatIsPreparedIsHiddenUntilItIsCommitted() {
        World world = new World();
        world.prepare(A, 0);
        world.endSession();
        SimulatedClient other = listener(world.in, world.out);
        assertEquals(List.of("m1", "m2"), other.texts());

        assertEquals(Outcome.DONE, other.end(A, Action.COMMIT));
        front.runFor(1_000);
        assertEquals(List.of("m1", "m2", "x0"), other.texts());
        assertEquals(Outcome.DONE, other.end(A, Action.COMMIT), "an answer that was lost is given again");
        assertEquals(Outcome.REFUSED, other.end(A, Action.ROLL_BACK));
        front.runFor(60_000);
        SimulatedClient later = SimulatedClient.open(front, null);
        assertEquals(Outcome.UNKNOWN, later.end(A, Action.COMMIT));
        assertEquals(List.of(), later.branches());
    }

    @Test
    void invariant21ARollbackGivesMessagesToEverybodyCountedThoughTheSessionLives() {
        World world = new World();
        world.prepare(A, 1);
        SimulatedClient other = listener(world.in, world.out);
        assertEquals(List.of(), other.texts());

        assertEquals(Outcome.DONE, other.end(A, Action.ROLL_BACK));
        front.runFor(1_000);
        List<Received> back = other.received();
        back.addAll(world.client.received().subList(3, world.client.received().size()));
        assertEquals(1, back.size());
        assertEquals("m1", back.get(0).text());
        assertEquals(2, back.get(0).deliveryCount());
        assertEquals(Outcome.DONE, other.end(A, Action.ROLL_BACK));
        world.client.ok(world.client.settle(1, 10, Disposition.ACCEPT, world.got.get(0), world.got.get(2)));
    }

    @Test
    void invariant21PreparedBranchesOutliveTheBrokerAndAreListedToAnybody() {
        World world = new World();
        world.prepare(A, 0);
        world.prepare(B, 2);
        for (int life = 0; life < 3; life++) {
            front.kill();
            front.start();
            front.runFor(40_000);
        }
        SimulatedClient after = SimulatedClient.open(front, null);
        assertEquals(List.of(A, B), ids(after.branches()));
        assertEquals(1, after.branches().get(0).accepted());
        assertEquals(1, after.branches().get(0).sends());
        SimulatedClient other = listener(world.in, world.out);
        assertEquals(List.of("m1"), other.texts());

        assertEquals(Outcome.DONE, after.end(A, Action.COMMIT));
        assertEquals(Outcome.DONE, after.end(B, Action.ROLL_BACK));
        front.kill();
        front.start();
        SimulatedClient last = listener(world.in, world.out);
        assertEquals(List.of("m1", "m2", "x0"), last.texts().stream().sorted().toList());
        assertEquals(List.of(), last.branches());
    }

    @Test
    void rule30OthersAreNotHeldUp() {
        World world = new World();
        world.prepare(A, 0);
        world.client.ok(world.client.settle(1, 50, Disposition.ACCEPT, world.got.get(1), world.got.get(2)));
        world.endSession();
        SimulatedClient other = listener(world.in, world.out);
        other.send(world.in, 0, "later");
        other.send(world.out, 0, "out");
        assertEquals("later", other.awaitMessage("later").text());
        other.awaitMessage("out");
        other.ok(other.settle(9, 1, Disposition.ACCEPT, other.received().toArray(Received[]::new)));
    }

    @Test
    void rule30ARepeatedPrepareIsToldTheSame() {
        World world = new World();
        world.prepare(A, 0);
        world.prepare(A, 0);
        assertEquals(List.of(A), ids(world.client.branches()));
    }

    @Test
    void rule30ABranchIsPreparedOnce() {
        World world = new World();
        world.prepare(A, 0);
        Reply again = world.client.await(world.client.beginPrepare(
                1, 5, A, List.of(world.client.entryBy(5, world.out, 0, "y")), world.got.get(1)));
        assertEquals(PenstockError.TRANSACTION_ROLLED_BACK, again.error, again.message);
        // What the refused one had is the session's still.
        world.client.ok(world.client.settle(1, 6, Disposition.ACCEPT, world.got.get(1)));
        assertEquals(Outcome.DONE, world.client.end(A, Action.COMMIT));
    }

    @Test
    void rule30APrepareThatCannotBeKeptIsRolledBack() {
        World world = new World();
        world.client.ok(world.client.settle(1, 1, Disposition.ACCEPT, world.got.get(0)));
        Reply refused = world.client.await(world.client.beginPrepare(
                1, 2, A, List.of(world.client.entryBy(1, world.out, 0, "x")), world.got.get(0)));
        assertEquals(PenstockError.ACQUISITION_LOST, refused.error);
        assertEquals(List.of(), world.client.branches());
        assertEquals(Outcome.UNKNOWN, world.client.end(A, Action.COMMIT));
    }

    @Test
    void rule30WhatAnOperatorDecidesIsToldUntilItIsForgotten() {
        World world = new World();
        world.prepare(A, 0);
        world.prepare(B, 1);
        assertEquals(Outcome.REFUSED, world.client.end(A, Action.FORGET));
        assertEquals(Outcome.DONE, world.client.end(A, Action.COMMIT_BY_HAND));
        assertEquals(Outcome.DONE, world.client.end(B, Action.ROLL_BACK_BY_HAND));
        for (int life = 0; life < 3; life++) {
            assertEquals(Outcome.COMMITTED_BY_HAND, world(A, Action.COMMIT));
            assertEquals(Outcome.COMMITTED_BY_HAND, world(A, Action.ROLL_BACK));
            assertEquals(Outcome.ROLLED_BACK_BY_HAND, world(B, Action.COMMIT));
            if (life > 0) {
                front.runFor(60_000);
            }
            front.kill();
            front.start();
        }
        SimulatedClient after = SimulatedClient.open(front, null);
        assertEquals(
                List.of(BranchDescription.State.COMMITTED_BY_HAND, BranchDescription.State.ROLLED_BACK_BY_HAND),
                after.branches().stream().map(BranchDescription::state).toList());
        assertEquals(Outcome.DONE, after.end(A, Action.FORGET));
        assertEquals(Outcome.DONE, after.end(B, Action.FORGET));
        front.kill();
        front.start();
        assertEquals(List.of(), SimulatedClient.open(front, null).branches());
        SimulatedClient other = listener(world.in, world.out);
        assertEquals(List.of("m1", "m2", "x0"), other.texts().stream().sorted().toList());
    }

    private Outcome world(BranchId branch, Action action) {
        return SimulatedClient.open(front, null).end(branch, action);
    }

    @Test
    void branchesThatAreOverAreForgottenThoughAnOlderOneStaysPrepared() {
        World world = new World();
        world.prepare(A, 0);
        for (int i = 0; i < 40; i++) {
            BranchId passing = branch(100 + i);
            world.client.ok(
                    world.client.beginPrepare(2, i + 1, passing, List.of(world.client.entryBy(1, world.out, 0, "p"))));
            assertEquals(Outcome.DONE, world.client.end(passing, Action.ROLL_BACK));
        }
        front.runFor(60_000);
        front.kill();
        front.start();
        SimulatedClient after = SimulatedClient.open(front, null);
        assertEquals(List.of(A), ids(after.branches()));
        assertEquals(Outcome.UNKNOWN, after.end(branch(100), Action.ROLL_BACK));
        assertEquals(Outcome.DONE, after.end(A, Action.COMMIT));
        assertEquals(List.of(), after.branches());
    }
}
