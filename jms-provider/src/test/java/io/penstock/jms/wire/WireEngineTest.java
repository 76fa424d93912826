package io.penstock.jms.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.client.BrokerAddress;
import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Confirmation;
import io.penstock.jms.client.ConnectionObserver;
import io.penstock.jms.client.ConnectionSettings;
import io.penstock.jms.client.ConsumerRequest;
import io.penstock.jms.client.Delivery;
import io.penstock.jms.client.DeliveryBatch;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.DestinationKind;
import io.penstock.jms.client.HandOutMemory;
import io.penstock.jms.client.OffsetsByPartition;
import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.client.Reconnection;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Target;
import io.penstock.jms.message.DeserializationPolicy;
import io.penstock.jms.message.PenstockTextMessage;
import io.penstock.jms.transport.ScriptedPeer;
import io.penstock.jms.transport.ScriptedPeer.Request;
import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.message.AllocateProducerIdsResponse;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachResponse;
import io.penstock.protocol.message.CommitRequest;
import io.penstock.protocol.message.CommitResponse;
import io.penstock.protocol.message.CreditRequest;
import io.penstock.protocol.message.DropPiecesRequest;
import io.penstock.protocol.message.HoldRequest;
import io.penstock.protocol.message.HoldResponse;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PartitionLeader;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.ResolveResponse;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendPieceRequest;
import io.penstock.protocol.message.SendPieceResponse;
import io.penstock.protocol.message.SendRequest;
import io.penstock.protocol.message.SendResponse;
import io.penstock.protocol.message.SendResult;
import io.penstock.protocol.message.SettleRequest;
import io.penstock.protocol.record.MessagePiece;
import io.penstock.protocol.record.RecordBatch;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.TransactionRolledBackException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The engine against a peer whose answers the test writes; one class, since all its cases need that peer. */
@Timeout(30)
class WireEngineTest {
    private static final UUID TOPIC = new UUID(1, 2);

    private ScriptedPeer peer;
    private final int callTimeoutMillis = 5000;
    private Reconnection reconnection = Reconnection.NONE;
    private ClientConnection connection;
    private final BlockingQueue<JMSException> failures = new LinkedBlockingQueue<>();

    @BeforeEach
    void listen() throws IOException {
        peer = new ScriptedPeer();
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
    }

    private CompletableFuture<ClientConnection> connecting() {
        return connecting(List.of(new BrokerAddress("127.0.0.1", peer.port())));
    }

    private CompletableFuture<ClientConnection> connecting(List<BrokerAddress> brokers) {
        ConnectionSettings settings = new ConnectionSettings(
                brokers, "me", null, null, 5000, callTimeoutMillis, 1 << 20, 1, reconnection, false);
        CompletableFuture<ClientConnection> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(
                        new WireEngine(DeserializationPolicy.STRICT).connect(settings, new ConnectionObserver() {
                            @Override
                            public void failed(JMSException cause) {
                                failures.add(cause);
                            }

                            @Override
                            public void problem(JMSException problem) {
                                failures.add(problem);
                            }
                        }));
            } catch (JMSException e) {
                result.completeExceptionally(e);
            }
        });
        thread.start();
        return result;
    }

    private void answerVersions() throws IOException {
        Request versions = peer.read();
        assertEquals(18, versions.apiKey());
        ByteBuffer table = ByteBuffer.allocate(4 + 2 + 4 + 6 * PenstockApi.values().length);
        table.putInt(versions.correlationId()).putShort((short) 0).putInt(PenstockApi.values().length);
        for (PenstockApi api : PenstockApi.values()) {
            table.putShort(api.key()).putShort((short) 0).putShort((short) 0);
        }
        peer.write(table.array());
    }

    private void connect() throws Exception {
        opened(connecting());
    }

    private void opened(CompletableFuture<ClientConnection> connecting) throws Exception {
        peer.accept();
        answerVersions();
        Request open = expect(PenstockApi.OPEN_CONNECTION);
        assertEquals("me", OpenConnectionRequest.read(open.body(), (short) 0).clientId());
        reply(open, new OpenConnectionResponse(1, "token", 600_000, 1 << 24, 1000, 10, 1 << 26));
        connection = connecting.get(5, TimeUnit.SECONDS);
    }

    private Request expect(PenstockApi api) throws IOException {
        Request request = peer.read();
        assertEquals(api.key(), request.apiKey());
        return request;
    }

    private void reply(Request request, PrivateMessage message) throws IOException {
        ByteBuffer body = ByteBuffer.allocate(message.sizeBytes());
        message.writeTo(body);
        peer.reply(request.correlationId(), body.flip());
    }

    private Target resolve(int partitions) throws Exception {
        CompletableFuture<Target> target = connection.resolve("q", DestinationKind.QUEUE, 0);
        List<PartitionLeader> leaders = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            leaders.add(new PartitionLeader(i, 1, 0));
        }
        reply(
                expect(PenstockApi.RESOLVE),
                new ResolveResponse(TOPIC, io.penstock.protocol.message.DestinationKind.QUEUE, leaders, List.of()));
        return target.get(5, TimeUnit.SECONDS);
    }

    private static OutgoingMessage message(String text, boolean persistent, String group, int partition)
            throws JMSException {
        PenstockTextMessage message = new PenstockTextMessage();
        message.setText(text);
        return new OutgoingMessage(message, persistent, group, partition);
    }

    private static OutgoingMessage message(String text) throws JMSException {
        return message(text, true, null, OutgoingMessage.ANY_PARTITION);
    }

    private SendRequest send(Request request) {
        return SendRequest.read(request.body(), (short) 0);
    }

    private void stored(Request request) throws IOException {
        reply(request, new SendResponse(List.of(new SendResult(PenstockError.NONE, null, 5, -1))));
    }

    private static JMSException failure(CompletableFuture<?> future) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> future.get(5, TimeUnit.SECONDS));
        return assertInstanceOf(JMSException.class, e.getCause());
    }

    private CompletableFuture<ClientConsumer> attaching(ClientSession session, Target target) {
        return session.attach(new ConsumerRequest(target, null, null, false, false, 10, 1000), new DeliverySink() {
            @Override
            public void delivered(DeliveryBatch batch) {}

            @Override
            public void failed(JMSException cause) {
                failures.add(cause);
            }
        });
    }

    private ClientConsumer attach(ClientSession session) throws Exception {
        CompletableFuture<ClientConsumer> attaching = attaching(session, resolve(1));
        reply(expect(PenstockApi.ATTACH), new AttachResponse(List.of(0)));
        return attaching.get(5, TimeUnit.SECONDS);
    }

    private record At(long offset, boolean persistent) implements Delivery {
        @Override
        public int partition() {
            return 0;
        }

        @Override
        public int deliveryCount() {
            return 1;
        }

        @Override
        public long expiration() {
            return 0;
        }

        @Override
        public jakarta.jms.Message message(int count, io.penstock.jms.message.Acknowledger acknowledger) {
            throw new AssertionError("nobody asks for it");
        }
    }

    private static void accept(ClientSession session, ClientConsumer consumer, long offset) throws JMSException {
        Settlements settlements = new Settlements();
        settlements.add(consumer, new At(offset, true), 1, Settlements.Outcome.ACCEPTED);
        var unused = session.settle(settlements, Confirmation.ON_SOCKET);
    }

    private HandOutMemory.Found found(ClientConsumer consumer, long offset) {
        return HandOutMemory.PROCESS.find(consumer, 0, offset, connection.clock());
    }

    @Test
    void rule3AcknowledgementsThatWereNotConfirmedAreRememberedBeyondTheConnection() throws Exception {
        connect();
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        ClientConsumer consumer = attach(session);
        int asked = 0;
        int first = UnconfirmedSettlements.ASK_EVERY;
        for (int offset = 0; offset < first + 8; offset++) {
            accept(session, consumer, offset);
            Request request = expect(PenstockApi.SETTLE);
            if (SettleRequest.read(request.body(), (short) 0).wantReply()) {
                asked++;
                assertEquals(first - 1, offset);
                peer.reply(request.correlationId(), ByteBuffer.allocate(0));
            }
        }
        assertEquals(1, asked);
        // An answer behind it, so that the first has been read.
        CompletableFuture<Target> other = connection.resolve("other", DestinationKind.QUEUE, 0);
        reply(
                expect(PenstockApi.RESOLVE),
                new ResolveResponse(
                        TOPIC,
                        io.penstock.protocol.message.DestinationKind.QUEUE,
                        List.of(new PartitionLeader(0, 1, 0)),
                        List.of()));
        other.get(5, TimeUnit.SECONDS);
        peer.hangUp();
        failures.poll(5, TimeUnit.SECONDS);

        assertNull(found(consumer, first - 1), "it was confirmed");
        assertNull(found(consumer, 0), "and all before it");
        assertEquals(1, found(consumer, first).count());
        assertEquals(1, found(consumer, first + 7).count());

        // They are settled over another connection, and forgotten when that is confirmed.
        connect();
        ClientSession later = connection.openSession(engine -> engine.held(new Settlements()));
        ClientConsumer again = attach(later);
        Settlements all = new Settlements();
        for (int offset = first; offset < first + 8; offset++) {
            all.add(again, new At(offset, true), 2, Settlements.Outcome.ACCEPTED);
        }
        CompletableFuture<Void> settled = later.settle(all, Confirmation.COMMITTED);
        peer.reply(expect(PenstockApi.SETTLE).correlationId(), ByteBuffer.allocate(0));
        settled.get(5, TimeUnit.SECONDS);
        assertNull(found(again, first + 7));
    }

    private OpenConnectionRequest reopened() throws Exception {
        peer.accept();
        answerVersions();
        Request open = expect(PenstockApi.OPEN_CONNECTION);
        OpenConnectionRequest request = OpenConnectionRequest.read(open.body(), (short) 0);
        reply(open, new OpenConnectionResponse(1, "token", 600_000, 1 << 24, 1000, 10, 1 << 26));
        return request;
    }

    @Test
    void rule6SendsThatWereUnderWayGoAgainWithTheirSequences() throws Exception {
        reconnection = new Reconnection(-1, 10, 2, 100);
        connect();
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        Target target = resolve(1);
        CompletableFuture<Void> first = session.send(target, message("one"));
        SendRequest sent = send(expect(PenstockApi.SEND));
        CompletableFuture<Void> second = session.send(target, message("two"));
        peer.hangUp();

        assertEquals("token", reopened().resumeToken());
        Request again = expect(PenstockApi.SEND);
        assertEquals(sent.entries().get(0).batch(), send(again).entries().get(0).batch());
        stored(again);
        first.get(5, TimeUnit.SECONDS);
        Request next = expect(PenstockApi.SEND);
        RecordBatch batch = RecordBatch.of(send(next).entries().get(0).batch());
        assertEquals(1, batch.baseSequence());
        stored(next);
        second.get(5, TimeUnit.SECONDS);
        assertTrue(failures.isEmpty());
    }

    @Test
    void rule6SettlementsWithoutAnswerArePresentedAgainBeforeHold() throws Exception {
        reconnection = new Reconnection(-1, 10, 2, 100);
        connect();
        Settlements held = new Settlements();
        ClientSession session = connection.openSession(engine -> engine.held(held));
        ClientConsumer consumer = attach(session);
        accept(session, consumer, 3);
        expect(PenstockApi.SETTLE);
        held.add(consumer, new At(4, true), 1, Settlements.Outcome.MARKED);
        peer.hangUp();

        reopened();
        Request attach = expect(PenstockApi.ATTACH);
        assertEquals(0, AttachRequest.read(attach.body(), (short) 0).creditMessages());
        reply(attach, new AttachResponse(List.of(0)));
        Request settle = expect(PenstockApi.SETTLE);
        SettleRequest presented = SettleRequest.read(settle.body(), (short) 0);
        assertEquals(1, presented.sequence());
        assertTrue(presented.wantReply());
        Request hold = expect(PenstockApi.HOLD);
        assertEquals(
                List.of(new OffsetRange(4, 4), new OffsetRange(3, 3)),
                HoldRequest.read(hold.body(), (short) 0).held().get(0).ranges());
        peer.reply(settle.correlationId(), ByteBuffer.allocate(0));
        reply(hold, new HoldResponse(List.of()));
        assertEquals(
                10,
                CreditRequest.read(expect(PenstockApi.CREDIT).body(), (short) 0).messages());
        assertTrue(failures.isEmpty());
    }

    @Test
    void aConnectionThatIsClosedIsNotMadeAgain() throws Exception {
        reconnection = new Reconnection(-1, 10, 2, 100);
        connect();
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        Target target = resolve(1);
        CompletableFuture<Void> sent = session.send(target, message("one"));
        expect(PenstockApi.SEND);
        peer.close();
        while (!connection.isInterrupted()) {
            Thread.onSpinWait();
        }
        connection.closing();
        assertInstanceOf(JMSException.class, failure(sent));
        connection.close().get(5, TimeUnit.SECONDS);
        assertTrue(failures.isEmpty(), () -> failures.toString());
    }

    @Test
    void aBrokerThatGoesBeforeItHasAnsweredIsPassedOver() throws Exception {
        CompletableFuture<ClientConnection> connecting;
        try (ScriptedPeer stopping = new ScriptedPeer()) {
            connecting = connecting(List.of(
                    new BrokerAddress("127.0.0.1", stopping.port()), new BrokerAddress("127.0.0.1", peer.port())));
            stopping.accept();
            stopping.read();
        }
        opened(connecting);
        assertTrue(failures.isEmpty());
    }

    @Test
    void aConnectionThatIsLostBeforeItIsUsedIsMadeAgainToo() throws Exception {
        reconnection = new Reconnection(-1, 10, 2, 100);
        for (int round = 0; round < 30; round++) {
            CompletableFuture<ClientConnection> connecting = connecting();
            peer.accept();
            answerVersions();
            Request open = expect(PenstockApi.OPEN_CONNECTION);
            reply(open, new OpenConnectionResponse(1, "token", 600_000, 1 << 24, 1000, 10, 1 << 26));
            peer.close();
            ClientConnection made;
            try {
                made = connecting.get(5, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                made = null; // It was refused, which is as good.
            }
            if (made != null) {
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
                while (!made.isInterrupted()) {
                    assertTrue(System.nanoTime() - deadline < 0, "nobody has noticed that the socket is gone");
                    Thread.onSpinWait();
                }
                made.closing();
            }
            peer = new ScriptedPeer();
        }
        assertTrue(failures.isEmpty(), () -> failures.toString());
    }

    @Test
    void rule21ClosingAsTheConnectionIsLostFailsWhatIsUnderWay() throws Exception {
        reconnection = new Reconnection(-1, 10, 2, 100);
        connect();
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        ClientConsumer consumer = attach(session);
        Target target = connection.resolve("q", DestinationKind.QUEUE, 0).get(5, TimeUnit.SECONDS);
        CompletableFuture<Void> sent = session.send(target, message("one"));
        // Its end comes after the loss was seen, and before the interruption begins.
        CompletableFuture<Void> closing = consumer.drain().thenRun(session::closing);
        expect(PenstockApi.SEND);
        peer.close();
        closing.get(5, TimeUnit.SECONDS);
        assertInstanceOf(JMSException.class, failure(sent));
        connection.closing();
    }

    @Test
    void anAttachWithoutAnswerIsMadeAgainBeforeHold() throws Exception {
        reconnection = new Reconnection(-1, 10, 2, 100);
        connect();
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        Target target = resolve(1);
        CompletableFuture<ClientConsumer> attaching = attaching(session, target);
        AttachRequest asked = AttachRequest.read(expect(PenstockApi.ATTACH).body(), (short) 0);
        peer.hangUp();

        reopened();
        Request attach = expect(PenstockApi.ATTACH);
        AttachRequest again = AttachRequest.read(attach.body(), (short) 0);
        assertEquals(asked.consumerId(), again.consumerId());
        assertEquals(0, again.creditMessages());
        reply(attach, new AttachResponse(List.of(0)));
        Request hold = expect(PenstockApi.HOLD);
        Mark nothing = HoldRequest.read(hold.body(), (short) 0).held().get(0);
        assertEquals(asked.consumerId(), nothing.consumerId());
        assertTrue(nothing.ranges().isEmpty());
        reply(hold, new HoldResponse(List.of()));
        assertEquals(
                10,
                CreditRequest.read(expect(PenstockApi.CREDIT).body(), (short) 0).messages());
        assertEquals(asked.consumerId(), attaching.get(5, TimeUnit.SECONDS).id());
    }

    @Test
    void closingDoesNotWaitForABrokerThatLeavesTheSessionUnanswered() throws Exception {
        reconnection = new Reconnection(-1, 10, 2, 100);
        connect();
        CompletableFuture<JMSException> restored = new CompletableFuture<>();
        ClientSession session = connection.openSession(engine -> {
            try {
                engine.held(new Settlements());
            } catch (JMSException e) {
                restored.complete(e);
                throw e;
            }
        });
        attach(session);
        peer.hangUp();
        reopened();
        expect(PenstockApi.ATTACH);
        connection.closing();
        // Far below the time-out of the call.
        assertTrue(WireConnection.isLoss(restored.get(callTimeoutMillis / 2, TimeUnit.MILLISECONDS)));
    }

    @Test
    void aCommitOfASessionThatIsYoungerThanTheInterruptionIsNotForgotten() throws Exception {
        reconnection = new Reconnection(-1, 10, 2, 100);
        connect();
        ClientSession first = connection.openSession(engine -> engine.held(new Settlements()));
        attach(first);
        Target target = connection.resolve("q", DestinationKind.QUEUE, 0).get(5, TimeUnit.SECONDS);
        for (int id = 2; id < 16; id++) {
            // The one that comes later is listed before the first.
            connection
                    .openSession(engine -> engine.held(new Settlements()))
                    .close(new Settlements())
                    .get(5, TimeUnit.SECONDS);
        }
        peer.hangUp();
        reopened();
        Request attach = expect(PenstockApi.ATTACH);
        ClientSession younger = connection.openSession(engine -> engine.held(new Settlements()));
        younger.stage(target, message("m0"));
        CompletableFuture<Void> committed = younger.commit(new Settlements());
        reply(attach, new AttachResponse(List.of(0)));
        reply(expect(PenstockApi.HOLD), new HoldResponse(List.of()));
        Request next = peer.read();
        if (next.apiKey() == PenstockApi.CREDIT.key()) {
            next = peer.read();
        }
        assertEquals(PenstockApi.COMMIT.key(), next.apiKey());
        reply(next, new CommitResponse(List.of(7L)));
        committed.get(5, TimeUnit.SECONDS);
    }

    @Test
    void attemptsGrowApartAndEnd() throws Exception {
        Reconnection growing = new Reconnection(5, 50, 2, 300);
        assertEquals(
                List.of(0L, 50L, 100L, 200L, 300L, 300L),
                java.util.stream.IntStream.rangeClosed(1, 6)
                        .mapToObj(growing::delayMillis)
                        .toList());
        reconnection = new Reconnection(3, 1, 1, 1);
        connect();
        peer.close();
        assertEquals("CONNECTION", failures.poll(10, TimeUnit.SECONDS).getErrorCode());
        assertTrue(failures.isEmpty());
    }

    @Test
    void refusalsOfTheBrokerAreExceptionsOfTheRightClass() throws Exception {
        CompletableFuture<ClientConnection> refused = connecting();
        peer.accept();
        answerVersions();
        peer.fail(
                expect(PenstockApi.OPEN_CONNECTION).correlationId(), PenstockError.INVALID_CLIENT_ID.code(), "in use");
        JMSException inUse = failure(refused);
        assertInstanceOf(InvalidClientIDException.class, inUse);
        assertEquals("INVALID_CLIENT_ID", inUse.getErrorCode());
        assertTrue(inUse.getMessage().contains("in use"), inUse.getMessage());

        refused = connecting();
        peer.accept();
        answerVersions();
        peer.fail(expect(PenstockApi.OPEN_CONNECTION).correlationId(), PenstockError.NOT_AUTHENTICATED.code(), "who?");
        JMSException who = failure(refused);
        assertInstanceOf(JMSSecurityException.class, who);
        assertFalse(who.toString().contains("pass"));
    }

    @Test
    void aKafkaBrokerIsRecognised() throws Exception {
        CompletableFuture<ClientConnection> refused = connecting();
        peer.accept();
        Request versions = peer.read();
        peer.write(ByteBuffer.allocate(16)
                .putInt(versions.correlationId())
                .putShort((short) 0)
                .putInt(1)
                .putShort((short) 3)
                .putShort((short) 0)
                .putShort((short) 13)
                .array());
        assertTrue(failure(refused).getMessage().contains("is it a Penstock broker"));
    }

    @Test
    void rule7BatchesFormWhileOneIsUnderWayAndSequencesGoOn() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        CompletableFuture<Void> first = session.send(target, message("m0"));
        CompletableFuture<Void> second = session.send(target, message("m1"));
        CompletableFuture<Void> third = session.send(target, message("m2"));

        Request one = expect(PenstockApi.SEND);
        RecordBatch batch = RecordBatch.of(send(one).entries().get(0).batch());
        assertEquals(1, batch.count());
        assertEquals(0, batch.baseSequence());
        assertTrue(batch.crcFits());
        stored(one);
        first.get(5, TimeUnit.SECONDS);
        Request two = expect(PenstockApi.SEND);
        RecordBatch next = RecordBatch.of(send(two).entries().get(0).batch());
        assertEquals(2, next.count());
        assertEquals(1, next.baseSequence());
        assertEquals(batch.producerId(), next.producerId());
        assertFalse(second.isDone());
        stored(two);
        second.get(5, TimeUnit.SECONDS);
        third.get(5, TimeUnit.SECONDS);
    }

    @Test
    void durabilitiesAreNotMixedInABatchAndKeepTheirOrder() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        session.send(target, message("m0"));
        session.send(target, message("m1", false, null, OutgoingMessage.ANY_PARTITION));
        CompletableFuture<Void> last = session.send(target, message("m2"));
        SendDurability[] expected = {SendDurability.TOPIC, SendDurability.MEMORY, SendDurability.TOPIC};
        Request[] requests = new Request[3];
        for (int i = 0; i < 2; i++) {
            requests[i] = expect(PenstockApi.SEND);
            assertEquals(expected[i], send(requests[i]).durability());
        }
        stored(requests[0]);
        stored(requests[1]);
        requests[2] = expect(PenstockApi.SEND);
        assertEquals(expected[2], send(requests[2]).durability());
        stored(requests[2]);
        last.get(5, TimeUnit.SECONDS);
    }

    @Test
    void partitionsGoByHandThenByGroupThenBySession() throws Exception {
        connect();
        Target target = resolve(4);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        session.send(target, message("by hand", true, "group", 3));
        assertEquals(3, send(expect(PenstockApi.SEND)).entries().get(0).partition());
        // Murmur2 of "21" as Kafka's own tests have it, modulo 4.
        session.send(target, message("by group", true, "21", OutgoingMessage.ANY_PARTITION));
        assertEquals(
                (-973932308 & Integer.MAX_VALUE) % 4,
                send(expect(PenstockApi.SEND)).entries().get(0).partition());
        assertThrows(InvalidDestinationException.class, () -> session.send(target, message("beyond", true, null, 4)));
        ClientSession other = connection.openSession(engine -> engine.held(new Settlements()));
        ClientSession next = connection.openSession(engine -> engine.held(new Settlements()));
        other.send(target, message("own"));
        int own = send(expect(PenstockApi.SEND)).entries().get(0).partition();
        next.send(target, message("own"));
        assertEquals(
                (own + 1) % 4, send(expect(PenstockApi.SEND)).entries().get(0).partition());
    }

    @Test
    void failedSendsHaveTheirReasonAndTheNextBeginsWithAnotherProducer() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        CompletableFuture<Void> full = session.send(target, message("m0"));
        Request request = expect(PenstockApi.SEND);
        long producer = RecordBatch.of(send(request).entries().get(0).batch()).producerId();
        reply(request, new SendResponse(List.of(new SendResult(PenstockError.STORAGE_FULL, "no space left", -1, -1))));
        JMSException e = failure(full);
        assertInstanceOf(ResourceAllocationException.class, e);
        assertTrue(e.getMessage().contains("no space left"));

        session.send(target, message("m1"));
        RecordBatch next =
                RecordBatch.of(send(expect(PenstockApi.SEND)).entries().get(0).batch());
        assertTrue(next.producerId() != producer);
        assertEquals(0, next.baseSequence());
    }

    @Test
    void commitsThatCertainlyDidNotHappenAreRollbacksAndOthersAreUnknown() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        session.stage(target, message("m0"));
        CompletableFuture<Void> lost = session.commit(new Settlements());
        Request first = expect(PenstockApi.COMMIT);
        RecordBatch batch = RecordBatch.of(
                CommitRequest.read(first.body(), (short) 0).sends().get(0).batch());
        peer.fail(first.correlationId(), PenstockError.ACQUISITION_LOST.code(), "held by another");
        assertInstanceOf(TransactionRolledBackException.class, failure(lost));

        session.stage(target, message("m1"));
        CompletableFuture<Void> unknown = session.commit(new Settlements());
        Request second = expect(PenstockApi.COMMIT);
        CommitRequest again = CommitRequest.read(second.body(), (short) 0);
        RecordBatch reused = RecordBatch.of(again.sends().get(0).batch());
        assertEquals(batch.producerId(), reused.producerId());
        assertEquals(batch.baseSequence(), reused.baseSequence());
        peer.hangUp();
        JMSException e = failure(unknown);
        assertFalse(e instanceof TransactionRolledBackException);
        assertEquals("CONNECTION", e.getErrorCode());
        assertTrue(failures.poll(5, TimeUnit.SECONDS).getMessage().startsWith("connection lost"));
    }

    @Test
    void aLateOutcomeOfACommitLeavesTheNextTransactionAlone() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        session.stage(target, message("m0"));
        CompletableFuture<Void> late = session.commit(new Settlements());
        Request first = expect(PenstockApi.COMMIT);
        long producer = RecordBatch.of(CommitRequest.read(first.body(), (short) 0)
                        .sends()
                        .get(0)
                        .batch())
                .producerId();

        // Who committed has stopped waiting, and goes on.
        session.stage(target, message("m1"));
        peer.fail(first.correlationId(), PenstockError.TIMED_OUT.code(), "nobody knows");
        failure(late);
        session.stage(target, message("m2"));
        CommitRequest next = CommitRequest.read(commitOf(session).body(), (short) 0);
        RecordBatch batch = RecordBatch.of(next.sends().get(0).batch());
        assertEquals(2, batch.count());
        assertEquals(0, batch.baseSequence());
        assertTrue(batch.producerId() != producer);
    }

    @Test
    void aCommittedTransactionsProducerGoesOn() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        session.stage(target, message("m0"));
        CompletableFuture<Void> committed = session.commit(new Settlements());
        Request first = expect(PenstockApi.COMMIT);
        RecordBatch before = RecordBatch.of(
                CommitRequest.read(first.body(), (short) 0).sends().get(0).batch());
        reply(first, new CommitResponse(List.of(7L)));
        committed.get(5, TimeUnit.SECONDS);
        session.stage(target, message("m1"));
        RecordBatch next = RecordBatch.of(CommitRequest.read(commitOf(session).body(), (short) 0)
                .sends()
                .get(0)
                .batch());
        assertEquals(before.producerId(), next.producerId());
        assertEquals(1, next.baseSequence());
        assertEquals(1, next.count());
    }

    @Test
    void closingAConsumerEndsItsDrains() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        CompletableFuture<ClientConsumer> attaching =
                session.attach(new ConsumerRequest(target, null, null, false, false, 10, 1000), new DeliverySink() {
                    @Override
                    public void delivered(DeliveryBatch batch) {}

                    @Override
                    public void failed(JMSException cause) {
                        failures.add(cause);
                    }
                });
        reply(expect(PenstockApi.ATTACH), new AttachResponse(List.of(0)));
        ClientConsumer consumer = attaching.get(5, TimeUnit.SECONDS);
        CompletableFuture<Void> draining = consumer.drain();
        var unused = consumer.detach(new OffsetsByPartition());
        draining.get(5, TimeUnit.SECONDS);
        consumer.drain().get(5, TimeUnit.SECONDS);
        assertTrue(failures.isEmpty());
    }

    @Test
    void aNewProducerIdIsWaitedForWithoutHoldingUpWhatIsUnderWay() throws Exception {
        connect();
        Target target = resolve(11);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        for (int i = 0; i < 9; i++) {
            session.send(target, message("m", true, null, i)); // Takes 9 of the 10 producer ids.
            expect(PenstockApi.SEND);
        }
        CompletableFuture<Void> first = session.send(target, message("m0", true, null, 9));
        Request failing = expect(PenstockApi.SEND);
        session.send(target, message("m1", false, null, 9));
        CompletableFuture<Void> third = session.send(target, message("m2", true, null, 9));
        Request underWay = expect(PenstockApi.SEND);
        reply(failing, new SendResponse(List.of(new SendResult(PenstockError.STORAGE_FULL, "full", -1, -1))));
        failure(first);
        failure(third); // It had not been sent.

        CompletableFuture<CompletableFuture<Void>> sending = new CompletableFuture<>();
        Thread sender = new Thread(() -> {
            try {
                sending.complete(session.send(target, message("m3", true, null, 9)));
            } catch (JMSException e) {
                sending.completeExceptionally(e);
            }
        });
        sender.start();
        Request allocate = expect(PenstockApi.ALLOCATE_PRODUCER_IDS);
        stored(underWay);
        reply(allocate, new AllocateProducerIdsResponse(5000, 64));
        CompletableFuture<Void> last = sending.get(4, TimeUnit.SECONDS);
        Request retried = expect(PenstockApi.SEND);
        assertEquals(
                5000, RecordBatch.of(send(retried).entries().get(0).batch()).producerId());
        stored(retried);
        last.get(5, TimeUnit.SECONDS);
    }

    @Test
    void aMessageLongerThanAFrameIsRefusedAndHurtsNobody() throws Exception {
        connect(); // The peer takes frames of 16 MiB.
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        session.send(target, message("m0"));
        Request first = expect(PenstockApi.SEND);
        CompletableFuture<Void> second = session.send(target, message("m1"));
        OutgoingMessage huge = message("what is not body travels in one frame");
        huge.message().setStringProperty("huge", "x".repeat(1 << 24));
        JMSException refused = assertThrows(ResourceAllocationException.class, () -> session.send(target, huge));
        assertEquals("LIMIT_EXCEEDED", refused.getErrorCode());
        CompletableFuture<Void> third = session.send(target, message("m2"));
        stored(first);
        Request next = expect(PenstockApi.SEND);
        RecordBatch batch = RecordBatch.of(send(next).entries().get(0).batch());
        assertEquals(2, batch.count());
        assertEquals(1, batch.baseSequence());
        assertTrue(batch.crcFits());
        stored(next);
        second.get(5, TimeUnit.SECONDS);
        third.get(5, TimeUnit.SECONDS);
    }

    /** Answers the four pieces of a body; the durability that the last one asks for. */
    private SendDurability storePieces(long firstOffset) throws IOException {
        SendDurability last = null;
        for (int i = 0; i < 4; i++) {
            Request piece = expect(PenstockApi.SEND_PIECE);
            SendPieceRequest request = SendPieceRequest.read(piece.body(), (short) 0);
            assertEquals(1_000_000, request.bodyBytes());
            assertNull(MessagePiece.fault(request.piece(), request.bodyBytes()));
            last = request.durability();
            reply(piece, new SendPieceResponse(firstOffset + i));
        }
        return last;
    }

    /** B5, B6: pieces that a restarted broker has lost are sent again, and the message once. */
    @Test
    void aLargeMessageWhosePiecesAreGoneIsSentAgain() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        OutgoingMessage large = message("x".repeat(1_000_000));
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try {
                session.send(target, large).join();
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        assertEquals(SendDurability.MEMORY, storePieces(10));
        Request first = expect(PenstockApi.SEND);
        RecordBatch lost = RecordBatch.of(send(first).entries().get(0).batch());
        assertTrue(lost.head());
        assertEquals(10, LargeHead.of(lost).first());
        reply(first, new SendResponse(List.of(new SendResult(PenstockError.PIECES_GONE, "gone", -1, -1))));
        storePieces(20);
        Request second = expect(PenstockApi.SEND);
        RecordBatch again = RecordBatch.of(send(second).entries().get(0).batch());
        assertEquals(20, LargeHead.of(again).first());
        assertEquals(0, again.baseSequence());
        assertTrue(again.producerId() != lost.producerId(), "a sequence that was refused is not used again");
        stored(second);
        sending.get(5, TimeUnit.SECONDS);
    }

    /** Rules 1 and 2: a transaction waits for its pieces, and gives them up when it is rolled back. */
    @Test
    void piecesOfATransactionAreStoredBeforeItAndGivenUpWithIt() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        OutgoingMessage large = message("x".repeat(1_000_000));
        CompletableFuture<Void> staging = CompletableFuture.runAsync(() -> {
            try {
                session.stage(target, message("before"));
                session.stage(target, large);
                session.stage(target, message("behind"));
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        assertEquals(SendDurability.TOPIC, storePieces(10));
        staging.get(5, TimeUnit.SECONDS);
        session.discardStaged();
        DropPiecesRequest dropped =
                DropPiecesRequest.read(expect(PenstockApi.DROP_PIECES).body(), (short) 0);
        assertEquals(TOPIC, dropped.topicId());
    }

    private Request commitOf(ClientSession session) throws Exception {
        var unused = session.commit(new Settlements());
        return expect(PenstockApi.COMMIT);
    }

    @Test
    void transactionsHaveALimit() throws Exception {
        connect();
        Target target = resolve(1);
        ClientSession session = connection.openSession(engine -> engine.held(new Settlements()));
        String big = "x".repeat(700_000);
        session.stage(target, message(big));
        assertThrows(ResourceAllocationException.class, () -> session.stage(target, message(big)));
        assertInstanceOf(TransactionRolledBackException.class, failure(session.commit(new Settlements())));
        session.stage(target, message("small"));
        CommitRequest fits = CommitRequest.read(commitOf(session).body(), (short) 0);
        assertEquals(1, RecordBatch.of(fits.sends().get(0).batch()).count());
    }
}
