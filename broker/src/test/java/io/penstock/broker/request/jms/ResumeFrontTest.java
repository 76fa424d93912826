package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.HoldRequest;
import io.penstock.protocol.message.HoldResponse;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendEntry;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that come back (rules 3 and 6), to a broker that remembers them and to one that was killed and started again. */
@Timeout(60)
class ResumeFrontTest {
    private final SimulatedFront front = new SimulatedFront(1);

    private SimulatedClient back(SimulatedClient before) {
        SimulatedClient client = new SimulatedClient(front);
        OpenConnectionResponse opened =
                client.ok(client.open((String) null, before.token), OpenConnectionResponse::read);
        assertEquals(before.token, opened.token());
        assertEquals(before.sender(), "~" + opened.firstProducerId());
        client.token = opened.token();
        return client;
    }

    private List<Mark> hold(SimulatedClient client, Received... held) {
        List<OffsetRange> ranges = List.of(held).stream()
                .map(message -> new OffsetRange(message.offset(), message.offset()))
                .toList();
        return client.ok(
                        client.request(PenstockApi.HOLD, new HoldRequest(1, List.of(new Mark(1, 0, ranges)))),
                        HoldResponse::read)
                .lost();
    }

    private void restart() {
        front.kill();
        front.start();
    }

    @Test
    void rule3HoldKeepsWhatTheApplicationHasAndGivesBackTheRestUncounted() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.send(queue, 0, "a", "b", "c");
        client.listen(1, 1, queue, 10);
        List<Received> got = client.awaitMessages(3);
        client.socket.close("reset");

        SimulatedClient again = back(client);
        again.listen(1, 1, queue, 0);
        assertEquals(List.of(), hold(again, got.get(0)));
        again.credit(1, 10, 0);

        assertEquals(1, again.awaitMessage("b").deliveryCount());
        assertEquals(List.of("b", "c"), again.texts());
        again.ok(again.settle(1, 1, Disposition.ACCEPT, got.get(0)));
    }

    /** What came before would be taken for what comes after, and Hold gives it to others: each of two would hand it out. */
    @Test
    void rule6NothingComesByTheNewSocketBeforeTheConsumerIsAttachedAgain() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.listen(1, 1, queue, 10);
        SimulatedClient again = back(client);
        SimulatedClient sender = SimulatedClient.open(front, null);

        sender.send(queue, 0, "a");
        front.runFor(100);

        assertEquals(List.of(), again.texts());
        again.listen(1, 1, queue, 0);
        assertEquals(List.of(), hold(again));
        again.credit(1, 10, 0);
        assertEquals(1, again.awaitMessage("a").deliveryCount());
    }

    @Test
    void rule6ARestartedBrokerTellsWhatBecameOfASettlement() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.send(queue, 0, "a", "b", "c");
        client.listen(1, 1, queue, 10);
        List<Received> got = client.awaitMessages(3);
        client.ok(client.settle(1, 7, Disposition.ACCEPT, got.get(0)));
        restart();

        SimulatedClient again = back(client);
        again.listen(1, 1, queue, 0);
        again.ok(again.settle(1, 7, Disposition.ACCEPT, got.get(0)));
        again.ok(again.settle(1, 8, Disposition.ACCEPT, got.get(1)));
        List<Mark> lost = hold(again, got.get(0), got.get(2));
        assertEquals(
                List.of(new Mark(
                        1,
                        0,
                        List.of(new OffsetRange(got.get(0).offset(), got.get(0).offset())))),
                lost);
        again.credit(1, 10, 0);
        front.runFor(5_000);
        assertEquals(List.of(), again.texts());
        again.ok(again.settle(1, 9, Disposition.ACCEPT, got.get(2)));
    }

    @Test
    void rule3AfterTheGraceTheMessagesAreOthersAndTheSessionIsTold() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID queue = client.queue("orders");
        client.send(queue, 0, "a");
        client.listen(1, 1, queue, 10);
        Received message = client.awaitMessages(1).get(0);
        restart();
        SimulatedClient other = SimulatedClient.open(front, null);
        other.listen(1, 1, queue, 10);
        other.awaitMessage("a");

        SimulatedClient late = back(client);
        late.listen(1, 1, queue, 0);
        assertEquals(1, hold(late, message).size());
        assertEquals(PenstockError.ACQUISITION_LOST, late.settle(1, 1, Disposition.ACCEPT, message).error);
    }

    @Test
    void aCommitIsAskedForAfterARestartAndHappensOnce() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID in = client.queue("in");
        UUID out = client.queue("out");
        client.send(in, 0, "a", "b");
        client.listen(1, 1, in, 10);
        List<Received> got = List.copyOf(client.awaitMessages(2));
        List<SendEntry> first = List.of(client.entry(out, 0, "moved a"));
        client.commit(1, 1, first, got.get(0));
        List<SendEntry> second = List.of(client.entry(out, 0, "moved b"));
        restart();

        SimulatedClient again = back(client);
        again.listen(1, 1, in, 0);
        again.commit(1, 1, first, got.get(0));
        again.commit(1, 2, second, got.get(1));
        again.commit(1, 2, second, got.get(1));
        assertEquals(
                2,
                hold(again, got.get(0), got.get(1)).get(0).ranges().get(0).last()
                        - got.get(0).offset()
                        + 1);
        again.listen(2, 2, out, 10);
        again.awaitMessage("moved b");
        front.runFor(1_000);
        assertEquals(List.of("moved a", "moved b"), again.texts());
    }

    @Test
    void aCommitOfAcknowledgementsAloneIsAskedForToo() {
        SimulatedClient client = SimulatedClient.open(front, null);
        UUID in = client.queue("in");
        client.send(in, 0, "a", "b");
        client.listen(1, 1, in, 10);
        List<Received> got = List.copyOf(client.awaitMessages(2));
        client.commit(1, 1, List.of(), got.get(0));
        restart();
        SimulatedClient again = back(client);
        again.listen(1, 1, in, 0);
        again.commit(1, 1, List.of(), got.get(0));
        again.commit(1, 2, List.of(), got.get(1));
    }

    @Test
    void onlyABrokersOwnTokensCount() {
        ResumeTokens tokens = new ResumeTokens(new byte[32]);
        String token = tokens.issue(77, "alice", "desk");
        assertEquals(OptionalLong.of(77), tokens.number(token, "alice", "desk"));
        assertEquals(OptionalLong.empty(), tokens.number(token, "bob", "desk"));
        assertEquals(OptionalLong.empty(), tokens.number(token, "alice", "other"));
        assertEquals(OptionalLong.empty(), tokens.number("x" + token.substring(1), "alice", "desk"));
        assertEquals(OptionalLong.empty(), tokens.number("?", "alice", "desk"));
        byte[] other = new byte[32];
        other[0] = 1;
        assertEquals(OptionalLong.empty(), new ResumeTokens(other).number(token, "alice", "desk"));
        assertNotEquals(token, tokens.issue(77, "alice", "desk"));

        SimulatedClient client = new SimulatedClient(front);
        OpenConnectionResponse opened = client.ok(client.open((String) null, token), OpenConnectionResponse::read);
        assertNotEquals(token, opened.token());
        assertTrue(opened.firstProducerId() != 77);
    }
}
