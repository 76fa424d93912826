package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.broker.request.jms.SimulatedClient.Reply;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.CloseConnectionRequest;
import io.penstock.protocol.message.CloseSessionRequest;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.DetachRequest;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PartitionRanges;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PingRequest;
import io.penstock.protocol.message.PushKind;
import io.penstock.protocol.message.RelayOpenRequest;
import io.penstock.protocol.message.RelayOpenResponse;
import io.penstock.protocol.message.ResolveRequest;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendRequest;
import io.penstock.protocol.message.SendResponse;
import io.penstock.protocol.message.SettleRequest;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FrontTest {
    private final SimulatedFront front = new SimulatedFront(1);

    @Test
    void sendsBeforeAnybodyListensAreDelivered() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.send(queue, 0, "a", "b");

        client.listen(1, 1, queue, 10);

        assertEquals(List.of("a", "b"), texts(client.awaitMessages(2)));
        assertEquals(1, client.received().get(0).deliveryCount());
    }

    @Test
    void creditBoundsWhatIsPushed() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.listen(1, 1, queue, 1);
        client.send(queue, 0, "a");
        client.send(queue, 0, "b");
        client.awaitMessages(1);
        front.runFor(100);
        assertEquals(List.of("a"), client.texts());

        client.credit(1, 5, 0);

        assertEquals(List.of("a", "b"), texts(client.awaitMessages(2)));
    }

    @Test
    void aSlowSocketIsNotPushedToUntilItIsWritable() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.socket.writable = false;
        client.listen(1, 1, queue, 10);
        client.send(queue, 0, "a");
        front.runFor(100);
        assertEquals(List.of(), client.texts());

        client.socket.becomeWritable();

        client.awaitMessages(1);
    }

    @Test
    void drainIsAnsweredBehindWhatIsAvailable() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.resolve("orders", DestinationKind.QUEUE, 3).topicId();
        client.listen(1, 1, queue, 0);
        client.send(queue, 2, "a");

        client.credit(1, 1, 7);
        front.runFor(1000);

        assertEquals(List.of(PushKind.DELIVER, PushKind.DRAINED), client.pushKinds());
    }

    @Test
    void settledMessagesDoNotComeBackAndOthersDoWithTheirCount() {
        SimulatedClient first = SimulatedClient.open(front, null);
        UUID queue = first.queue("orders");
        first.send(queue, 0, "settled", "handed out", "prefetched");
        first.listen(1, 1, queue, 10);
        List<Received> got = first.awaitMessages(3);
        first.ok(first.settle(1, 1, Disposition.ACCEPT, got.get(0)));

        first.ok(first.request(
                PenstockApi.CLOSE_SESSION, new CloseSessionRequest(1, List.of(SimulatedClient.mark(got.get(1))))));
        SimulatedClient second = SimulatedClient.open(front, null);
        second.listen(1, 1, queue, 10);

        assertEquals(List.of("handed out", "prefetched"), texts(second.awaitMessages(2)));
        assertEquals(2, second.received().get(0).deliveryCount());
        assertEquals(1, second.received().get(1).deliveryCount());
    }

    @Test
    void aSettlementIsTakenOnceAndALostOneIsToldSo() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.send(queue, 0, "a");
        client.listen(1, 1, queue, 10);
        Received message = client.awaitMessages(1).get(0);

        client.ok(client.settle(1, 1, Disposition.ACCEPT, message));
        client.ok(client.settle(1, 1, Disposition.ACCEPT, message));
        Reply other = client.settle(1, 2, Disposition.ACCEPT, message);

        assertEquals(PenstockError.ACQUISITION_LOST, other.error);
    }

    /** Invariant 18: nobody looks at a reply that was not asked for. */
    @Test
    void aSettlementWithoutReplyThatFailsIsToldByAPush() {
        SimulatedClient client = SimulatedClient.open(front, null);
        Reply unknown = client.request(PenstockApi.SETTLE, new SettleRequest(99, 1, false, List.of(), List.of()));
        assertEquals(PenstockError.NONE, unknown.error);
        assertEquals(List.of(PushKind.CONNECTION_ERROR), client.pushKinds());

        SimulatedClient closed = SimulatedClient.open(front, null);
        closed.ok(closed.request(PenstockApi.CLOSE_CONNECTION, new CloseConnectionRequest()));
        Reply late = closed.request(PenstockApi.SETTLE, new SettleRequest(1, 1, false, List.of(), List.of()));
        assertEquals(PenstockError.NONE, late.error);
        assertEquals(List.of(PushKind.CONNECTION_ERROR), closed.pushKinds());
    }

    @Test
    void aDetachedConsumersMessagesCanBeSettledAndWhatItNeverHandedOutGoesOn() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.send(queue, 0, "a", "b");
        client.listen(1, 1, queue, 10);
        List<Received> got = List.copyOf(client.awaitMessages(2));

        client.ok(client.request(
                PenstockApi.DETACH,
                new DetachRequest(1, 1, List.of(new PartitionRanges(0, List.of(new OffsetRange(1, 1)))))));
        client.listen(1, 2, queue, 10);
        client.awaitMessages(3);

        assertEquals("b", client.received().get(2).text());
        assertEquals(1, client.received().get(2).deliveryCount());
        client.ok(client.settle(1, 1, Disposition.ACCEPT, got.get(0)));
    }

    @Test
    void rule13OneClientIdAtATime() {
        SimulatedClient holder = SimulatedClient.open(front, "clerk");
        SimulatedClient second = new SimulatedClient(front);
        assertEquals(PenstockError.INVALID_CLIENT_ID, second.open("clerk", null).error);

        holder.ok(holder.request(PenstockApi.CLOSE_CONNECTION, new CloseConnectionRequest()));

        second.ok(second.open("clerk", null));
    }

    @Test
    void rule13AKilledClientsIdIsFreeAfterItsGraceAndTheNewcomerWaitsForIt() {
        SimulatedClient killed = SimulatedClient.open(front, "clerk");
        killed.socket.close("killed");
        front.runFor(10);
        SimulatedClient next = new SimulatedClient(front);

        long before = front.time.millis();
        next.ok(next.open("clerk", null));

        assertTrue(front.time.millis() - before >= 500, "the old connection had its grace");
    }

    @Test
    void aConnectionResumesWithItsTokenAndKeepsWhatItHolds() {
        SimulatedClient client = SimulatedClient.open(front, "clerk");
        UUID queue = client.queue("orders");
        client.send(queue, 0, "a");
        client.listen(1, 1, queue, 10);
        Received message = client.awaitMessages(1).get(0);
        client.socket.close("reset");
        front.runFor(100);

        SimulatedClient back = new SimulatedClient(front);
        OpenConnectionResponse resumed = back.ok(back.open("clerk", client.token), OpenConnectionResponse::read);
        front.runFor(5_000);

        assertEquals(client.token, resumed.token());
        back.ok(back.settle(1, 1, Disposition.ACCEPT, message));
    }

    /** Invariant 20: the broker that the client has left is the one that stood still. */
    @Test
    void aBrokerThatWakesUpWithAnEarlierSocketDoesNotTakeTheConnectionBack() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.send(queue, 0, "a");
        client.listen(1, 1, queue, 10);
        Received message = client.awaitMessages(1).get(0);
        client.socket.close("silent");
        SimulatedClient back = new SimulatedClient(front);
        back.ok(
                back.request(PenstockApi.OPEN_CONNECTION, new OpenConnectionRequest(null, null, client.token, 2)),
                OpenConnectionResponse::read);
        SimulatedClient awake = new SimulatedClient(front);

        assertEquals(PenstockError.INVALID_REQUEST, awake.request(PenstockApi.RELAY_OPEN, relay(client, 1)).error);
        assertEquals(
                PenstockError.INVALID_REQUEST,
                awake.request(PenstockApi.OPEN_CONNECTION, new OpenConnectionRequest(null, null, client.token, 1))
                        .error);

        front.runFor(5_000);
        assertFalse(back.socket.closed);
        back.ok(back.settle(1, 1, Disposition.ACCEPT, message));
        awake.ok(awake.request(PenstockApi.RELAY_OPEN, relay(client, 3)), RelayOpenResponse::read);
        assertTrue(back.socket.closed, "a later attempt takes it");
    }

    private static RelayOpenRequest relay(SimulatedClient client, int attempt) {
        return new RelayOpenRequest(client.number(), client.token, null, "ANONYMOUS", attempt);
    }

    @Test
    void aDeadClientsMessagesGoToOthersAfterTheGrace() {
        SimulatedClient dying = SimulatedClient.open(front, null);
        UUID queue = dying.queue("orders");
        dying.send(queue, 0, "a");
        dying.listen(1, 1, queue, 10);
        dying.awaitMessages(1);
        SimulatedClient other = SimulatedClient.open(front, null);
        other.listen(1, 1, queue, 10);

        dying.socket.close("killed");

        assertEquals("a", other.awaitMessage("a").text());
    }

    @Test
    void aSilentConnectionLosesItsLease() {
        SimulatedClient silent = SimulatedClient.open(front, "clerk");
        SimulatedClient pinging = SimulatedClient.open(front, "other");
        for (int i = 0; i < 4; i++) {
            front.runFor(10_000);
            pinging.ok(pinging.request(PenstockApi.PING, new PingRequest()));
        }
        assertTrue(silent.socket.closed);
        assertFalse(pinging.socket.closed);
    }

    @Test
    void aNameIsAQueueOrATopic() {
        SimulatedClient client = SimulatedClient.open(front, null);
        client.queue("orders");

        assertEquals(
                PenstockError.WRONG_KIND,
                client.request(PenstockApi.RESOLVE, new ResolveRequest("orders", DestinationKind.TOPIC, true, 0))
                        .error);
        for (String name : List.of("", "..", "a/b", "a\0", "x".repeat(250), "__own", "a b", "\u0430")) {
            assertEquals(
                    PenstockError.INVALID_DESTINATION,
                    client.request(PenstockApi.RESOLVE, new ResolveRequest(name, DestinationKind.QUEUE, true, 0)).error,
                    name);
        }
        assertEquals(
                PenstockError.UNKNOWN_DESTINATION,
                client.request(PenstockApi.RESOLVE, new ResolveRequest("none", DestinationKind.QUEUE, false, 0)).error);
    }

    @Test
    void aTopicOfKafkaGetsItsKindWithItsFirstUseByJms() {
        front.metadata.createTopic(
                new io.penstock.broker.metadata.MetadataStore.NewTopic("logs", 2, (short) 1, null, java.util.Map.of()));
        SimulatedClient client = SimulatedClient.open(front, null);

        assertEquals(
                2, client.resolve("logs", DestinationKind.TOPIC, 0).partitions().size());

        assertEquals(
                "topic", front.metadata.image().topic("logs").get().config().get("penstock.kind"));
        assertEquals("time", front.metadata.image().topic("logs").get().config().get("penstock.retention"));
    }

    @Test
    void everythingWantsAnOpenConnection() {
        SimulatedClient client = new SimulatedClient(front);
        assertEquals(PenstockError.NOT_AUTHENTICATED, client.request(PenstockApi.PING, new PingRequest()).error);
    }

    /** Decision 0006: frameworks give one whether it is asked for or not. */
    @Test
    void aBrokerWithoutUsersTakesAnyUser() {
        SimulatedClient client = new SimulatedClient(front);
        assertEquals(
                PenstockError.NONE,
                client.request(PenstockApi.OPEN_CONNECTION, new OpenConnectionRequest(null, "j2ee", null)).error);
    }

    @Test
    void sendErrorsAreToldByEntry() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        SendResponse response = client.ok(
                client.request(
                        PenstockApi.SEND,
                        new SendRequest(
                                1,
                                SendDurability.TOPIC,
                                List.of(
                                        client.entry(queue, 0, "good"),
                                        client.entry(queue, 9, "no partition"),
                                        client.entry(UUID.randomUUID(), 0, "no topic"),
                                        new io.penstock.protocol.message.SendEntry(
                                                queue, 0, java.nio.ByteBuffer.allocate(5))))),
                SendResponse::read);
        assertEquals(
                List.of(
                        PenstockError.NONE,
                        PenstockError.UNKNOWN_DESTINATION,
                        PenstockError.UNKNOWN_DESTINATION,
                        PenstockError.INVALID_RECORD),
                response.entries().stream().map(entry -> entry.error()).toList());
    }

    @Test
    void invalidSelectorsAreRefusedAndTopicsAreNotBrowsed() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        Reply selector = client.request(
                PenstockApi.ATTACH,
                new io.penstock.protocol.message.AttachRequest(
                        1, 1, queue, List.of(), AttachSource.QUEUE, null, 0, "a = ", false, false, 1, 1));
        Reply browser = client.request(
                PenstockApi.ATTACH,
                new io.penstock.protocol.message.AttachRequest(
                        1, 1, queue, List.of(), AttachSource.NON_DURABLE, null, 0, null, false, true, 1, 1));
        assertEquals(PenstockError.INVALID_SELECTOR, selector.error);
        assertEquals(PenstockError.INVALID_REQUEST, browser.error);
    }

    @Test
    void badRequestsHurtNobody() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        assertNotEquals(PenstockError.NONE, client.request(PenstockApi.ATTACH, new PingRequest()).error);
        assertEquals(
                PenstockError.UNKNOWN_SESSION,
                client.request(PenstockApi.SETTLE, new SettleRequest(99, 1, true, List.of(), List.of())).error);
        client.listen(1, 1, queue, 1);
        assertEquals(
                PenstockError.INVALID_REQUEST,
                client.request(PenstockApi.ATTACH, client.attach(1, 1, queue, AttachSource.QUEUE, 1)).error);
        assertEquals(
                PenstockError.WRONG_KIND,
                client.request(PenstockApi.ATTACH, client.attach(1, 2, queue, AttachSource.NON_DURABLE, 1)).error);
        assertEquals(
                PenstockError.INVALID_REQUEST,
                client.settle(1, 1, Disposition.ACCEPT, new Received(1, 7, 0, 1, "")).error);
        assertEquals(
                PenstockError.UNKNOWN_CONSUMER,
                client.settle(1, 1, Disposition.ACCEPT, new Received(55, 0, 0, 1, "")).error);
    }

    @Test
    void consumersOfAllPartitionsShareTheirCredit() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.resolve("orders", DestinationKind.QUEUE, 4).topicId();
        for (int i = 0; i < 8; i++) {
            client.send(queue, i % 4, "m" + i);
        }
        client.listen(1, 1, queue, 1);
        client.awaitMessages(1);
        front.runFor(50);
        assertEquals(1, client.received().size());
        for (int i = 0; i < 7; i++) {
            client.credit(1, 1, 0);
            client.awaitMessages(i + 2);
        }
        assertEquals(8, client.texts().stream().distinct().count());
    }

    private static List<String> texts(List<Received> messages) {
        return messages.stream().map(Received::text).toList();
    }
}
