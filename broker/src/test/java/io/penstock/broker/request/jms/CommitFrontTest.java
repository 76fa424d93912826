package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.broker.request.jms.SimulatedClient.Reply;
import io.penstock.protocol.message.CloseSessionRequest;
import io.penstock.protocol.message.CommitRequest;
import io.penstock.protocol.message.CommitResponse;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendEntry;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.simulation.DiskFault;
import io.penstock.storage.simulation.DiskOperation;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CommitFrontTest {
    private final SimulatedFront front = new SimulatedFront(3);

    @Test
    void oneLogOneAppend() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");

        assertEquals(List.of(0L), client.commit(1, 1, List.of(client.entry(queue, 0, "a", "b"))));
        client.listen(2, 1, queue, 10);
        List<Received> got = client.awaitMessages(2);
        client.commit(2, 1, List.of(), got.get(0), got.get(1));

        assertEquals(
                false, front.metadata.image().topic("__penstock_transactions").isPresent());
        client.ok(client.request(PenstockApi.CLOSE_SESSION, new CloseSessionRequest(2, List.of())));
        client.listen(3, 2, queue, 10);
        front.runFor(1000);
        assertEquals(2, client.received().size());
    }

    @Test
    void severalQueuesAndPartitionsAreOneCommit() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID in = client.queue("in");
        UUID out = client.resolve("out", DestinationKind.QUEUE, 3).topicId();
        client.send(in, 0, "order");
        client.listen(1, 1, in, 10);
        Received order = client.awaitMessages(1).get(0);

        List<Long> offsets = client.commit(
                1, 1, List.of(client.entry(out, 0, "x"), client.entry(out, 2, "y"), client.entry(in, 0, "z")), order);
        client.listen(2, 2, out, 10);

        assertEquals(List.of(0L, 0L, 1L), offsets);
        client.awaitMessages(4);
        assertEquals(
                List.of("order", "x", "y", "z"),
                client.texts().stream().sorted().toList());
        assertEquals(PenstockError.ACQUISITION_LOST, client.settle(1, 2, Disposition.ACCEPT, order).error);
    }

    @Test
    void aRepeatedCommitIsToldTheFirstOutcome() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID in = client.queue("in");
        UUID out = client.queue("out");
        client.send(in, 0, "order");
        client.listen(1, 1, in, 10);
        Received order = client.awaitMessages(1).get(0);
        List<SendEntry> sends = List.of(client.entry(out, 0, "x"));

        Reply first = client.beginCommit(1, 1, sends, order);
        Reply second = client.beginCommit(1, 1, sends, order);
        List<Long> firstOffsets = client.ok(first, CommitResponse::read).baseOffsets();
        Reply third = client.beginCommit(1, 1, sends, order);

        assertEquals(firstOffsets, client.ok(second, CommitResponse::read).baseOffsets());
        assertEquals(firstOffsets, client.ok(third, CommitResponse::read).baseOffsets());
        client.listen(2, 2, out, 10);
        client.awaitMessages(2);
        front.runFor(1000);
        assertEquals(List.of("order", "x"), client.texts());
    }

    /**
     * Invariants 23 and 25: the decision's force fails. The log is recovered at once, without a restart, and what it holds
     * is what the client is told; the next commit is taken.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDecisionWhoseForceFailsIsWhatRecoveryFinds(boolean otherSends) {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID in = client.queue("in");
        UUID out = client.queue("out");
        client.send(in, 0, "order", "second");
        client.listen(1, 1, in, 10);
        List<Received> orders = List.copyOf(client.awaitMessages(2));
        if (otherSends) {
            // The log of decisions is there, with one that is done.
            client.commit(1, 1, List.of(client.entry(out, 0, "before"), client.entry(in, 0, "before")));
        }
        String large = "x".repeat(StoreConfig.small(Path.of("/")).directBatchBytes());
        List<SendEntry> sends = List.of(client.entry(out, 0, large), client.entry(in, 0, "y"));
        front.disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, ".log");

        Reply told = client.await(client.beginCommit(1, 2, sends, orders.get(0)));

        assertEquals(0, front.disk.faultsLeft());
        boolean done = told.error == PenstockError.NONE;
        assertTrue(done || told.error == PenstockError.TRANSACTION_ROLLED_BACK, () -> told.error.toString());
        // A producer whose batches were refused begins anew, as the client does.
        SimulatedClient next = SimulatedClient.open(front, null);
        assertEquals(
                2,
                next.commit(1, 1, List.of(next.entry(out, 0, "after"), next.entry(in, 0, "after")))
                        .size());
        client.commit(1, 3, List.of(), orders.get(1));
        client.listen(2, 2, out, 10);
        front.runFor(3000);
        List<String> texts = client.texts();
        assertEquals(done ? 1 : 0, texts.stream().filter(large::equals).count());
        assertEquals(done ? 1 : 0, texts.stream().filter("y"::equals).count());
        assertEquals(1, texts.stream().filter("order"::equals).count(), "held, or settled");
        client.ok(client.request(PenstockApi.CLOSE_SESSION, new CloseSessionRequest(1, List.of())));
        client.listen(3, 3, in, 10);
        front.runFor(3000);
        assertEquals(
                done ? 1 : 2, client.texts().stream().filter("order"::equals).count());
        assertEquals(1, client.texts().stream().filter("second"::equals).count());
    }

    @Test
    void aSendThatCannotBeTakenRollsEverythingBack() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID in = client.queue("in");
        UUID out = client.queue("out");
        client.send(in, 0, "order");
        client.listen(1, 1, in, 10);
        Received order = client.awaitMessages(1).get(0);
        SendEntry good = client.entry(out, 0, "x");
        SendEntry corrupt = client.entry(in, 0, "z");
        corrupt.batch().put(corrupt.batch().limit() - 1, (byte) 77);

        Reply refused = client.await(client.beginCommit(1, 1, List.of(good, corrupt), order));

        assertEquals(PenstockError.TRANSACTION_ROLLED_BACK, refused.error);
        client.listen(2, 2, out, 10);
        client.ok(client.settle(1, 2, Disposition.RELEASE_COUNTED, order));
        client.awaitMessages(2);
        front.runFor(1000);
        assertEquals(List.of("order", "order"), client.texts());
        assertEquals(2, client.received().get(1).deliveryCount());
    }

    @Test
    void whatTheSessionDoesNotHoldCannotBeCommitted() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID in = client.queue("in");
        UUID out = client.queue("out");
        client.send(in, 0, "order");
        client.listen(1, 1, in, 10);
        Received order = client.awaitMessages(1).get(0);
        client.ok(client.settle(1, 1, Disposition.ACCEPT, order));

        Reply lost = client.await(client.beginCommit(1, 2, List.of(client.entry(out, 0, "x")), order));

        assertEquals(PenstockError.ACQUISITION_LOST, lost.error);
        client.listen(2, 2, out, 10);
        front.runFor(1000);
        assertEquals(List.of("order"), client.texts());
    }

    @Test
    void aBatchOutOfItsSequenceIsRefusedBeforeTheDecision() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID a = client.queue("a");
        UUID b = client.queue("b");
        client.commit(1, 1, List.of(client.entry(a, 0, "1"), client.entry(b, 0, "1")));
        client.entry(a, 0, "never sent");

        Reply refused =
                client.await(client.beginCommit(1, 2, List.of(client.entry(a, 0, "3"), client.entry(b, 0, "2"))));

        assertEquals(PenstockError.TRANSACTION_ROLLED_BACK, refused.error);
        assertEquals(true, refused.message.contains("OUT_OF_ORDER_SEQUENCE"), refused.message);
    }

    @Test
    void anEmptyCommitSucceedsAndAMalformedOneIsRefused() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.ok(client.request(PenstockApi.COMMIT, new CommitRequest(1, 1, List.of(), List.of(), List.of())));
        Reply noProducer = client.await(client.beginCommit(
                1,
                2,
                List.of(
                        new SendEntry(queue, 0, SimulatedClient.batch(-1, -1, null, "a")),
                        new SendEntry(queue, 0, SimulatedClient.batch(-1, -1, null, "b")))));
        assertEquals(PenstockError.TRANSACTION_ROLLED_BACK, noProducer.error);
    }
}
