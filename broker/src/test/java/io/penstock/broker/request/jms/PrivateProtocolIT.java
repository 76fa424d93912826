package io.penstock.broker.request.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.DetachRequest;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PingRequest;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.message.SendRequest;
import io.penstock.protocol.message.SendResponse;
import io.penstock.protocol.message.SubscribeResponse;
import io.penstock.protocol.message.UnsubscribeRequest;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The private protocol on real sockets against a whole broker. */
@Timeout(60)
class PrivateProtocolIT {
    private static final long SEED = 20_000;

    @TempDir
    Path directory;

    private Broker broker;

    @BeforeEach
    void start() throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.toString());
        properties.put("socket.request.max.bytes", "2097152");
        broker = Broker.start(BrokerConfig.parse(properties));
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private void restart() throws Exception {
        broker.close();
        start();
    }

    private RawClient client(String clientId) throws Exception {
        return RawClient.open(broker.port(), clientId);
    }

    private static List<String> texts(List<Received> messages) {
        return messages.stream().map(Received::text).toList();
    }

    /** By offset: what a session held stays with it for a second after the broker's start, so others may pass it. */
    private static List<Received> sorted(List<Received> messages) {
        return messages.stream()
                .sorted(Comparator.comparingLong(Received::offset))
                .toList();
    }

    @Test
    void whatIsAcknowledgedStaysSoOverARestartAndTheRestComesAgain() throws Exception {
        UUID queue;
        try (RawClient client = client(null)) {
            queue = client.queue("orders");
            client.send(queue, 0, "a", "b", "c", "d");
            client.listen(1, 1, queue, 3);
            List<Received> got = client.awaitMessages(3);
            assertEquals(List.of("a", "b", "c"), texts(got));
            assertEquals(1, got.get(0).deliveryCount());
            client.settle(1, 1, Disposition.ACCEPT, got.get(1)).ok();
            client.mark(1, 2, got.get(0)).ok();
        }
        restart();
        try (RawClient client = client(null)) {
            assertEquals(queue, client.queue("orders"));
            client.listen(1, 1, queue, 10);
            client.awaitMessages(3);
            List<Received> got = sorted(client.drain(1, 10));
            assertEquals(List.of("a", "c", "d"), texts(got));
            assertEquals(2, got.get(0).deliveryCount(), "it had been handed out");
            assertEquals(1, got.get(1).deliveryCount(), "it had not");
            client.settle(1, 1, Disposition.ACCEPT, got.toArray(Received[]::new))
                    .ok();
        }
        restart();
        try (RawClient client = client(null)) {
            client.listen(1, 1, queue, 10);
            assertEquals(List.of(), client.drain(1, 10));
        }
    }

    @Test
    void rule20AKilledClientsMessagesGoToOthersCountedWhenTheyWereHandedOut() throws Exception {
        try (RawClient other = client(null)) {
            UUID queue = other.queue("orders");
            other.send(queue, 0, "a", "b", "c");
            try (RawClient victim = client(null)) {
                victim.listen(1, 1, queue, 3);
                List<Received> got = victim.awaitMessages(3);
                victim.settle(1, 1, Disposition.ACCEPT, got.get(0)).ok();
                victim.mark(1, 2, got.get(1)).ok();
            }
            other.listen(1, 1, queue, 10);
            List<Received> got = other.awaitMessages(2);
            assertEquals(List.of("b", "c"), texts(got));
            assertEquals(2, got.get(0).deliveryCount());
            assertEquals(1, got.get(1).deliveryCount());
        }
    }

    @Test
    void rule13AClientIdHasOneConnection() throws Exception {
        RawClient first = client("me");
        try (RawClient second = new RawClient(broker.port())) {
            assertEquals(PenstockError.INVALID_CLIENT_ID, second.open("me").error());
            first.close();
            OpenConnectionResponse opened = second.open("me").ok(OpenConnectionResponse::read);
            assertNotEquals(first.token, opened.token());
        }
    }

    @Test
    void aDurableSubscriptionLivesOverDetachAndRestartUntilItIsRemoved() throws Exception {
        SubscribeResponse subscription;
        try (RawClient client = client("me")) {
            UUID topic = client.resolve("prices", DestinationKind.TOPIC, 0);
            client.send(topic, 0, "before");
            subscription = client.subscribe("sub", "prices");
            client.attachDurable(1, 1, subscription, 10).ok();
            assertEquals(
                    PenstockError.SUBSCRIPTION_IN_USE,
                    client.attachDurable(1, 2, subscription, 10).error());
            assertEquals(
                    PenstockError.SUBSCRIPTION_IN_USE,
                    client.request(PenstockApi.UNSUBSCRIBE, new UnsubscribeRequest("sub", null))
                            .error());
            client.send(topic, 0, "one", "two");
            List<Received> got = client.awaitMessages(2);
            assertEquals(List.of("one", "two"), texts(got));
            client.settle(1, 1, Disposition.ACCEPT, got.get(0)).ok();
            client.request(PenstockApi.DETACH, new DetachRequest(1, 1, List.of()))
                    .ok();
            client.send(topic, 0, "three");
        }
        restart();
        try (RawClient client = client("me")) {
            assertEquals(subscription, client.subscribe("sub", "prices"));
            client.attachDurable(1, 1, subscription, 10).ok();
            client.awaitMessages(2);
            List<Received> got = sorted(client.drain(1, 10));
            assertEquals(List.of("two", "three"), texts(got));
            client.settle(1, 1, Disposition.ACCEPT, got.toArray(Received[]::new))
                    .ok();
            client.request(PenstockApi.DETACH, new DetachRequest(1, 1, List.of()))
                    .ok();
        }
        restart();
        try (RawClient client = client("me")) {
            client.request(PenstockApi.UNSUBSCRIBE, new UnsubscribeRequest("sub", null))
                    .ok();
            assertEquals(
                    PenstockError.UNKNOWN_SUBSCRIPTION,
                    client.attachDurable(1, 1, subscription, 10).error());
        }
    }

    @Test
    void rule6ACommitOverPartitionsAndQueuesIsTakenOnceAndLasts() throws Exception {
        UUID in;
        UUID out;
        UUID wide;
        try (RawClient client = client(null)) {
            in = client.queue("in");
            out = client.queue("out");
            wide = client.resolve("wide", DestinationKind.QUEUE, 3);
            client.send(in, 0, "a", "b");
            client.listen(1, 1, in, 2);
            List<Received> got = client.awaitMessages(2);
            List<SendEntry> sends =
                    List.of(client.entry(out, 0, "o1", "o2"), client.entry(wide, 0, "w0"), client.entry(wide, 2, "w2"));
            List<Long> offsets = client.commit(1, 1, sends, got.get(0));
            assertEquals(List.of(0L, 0L, 0L), offsets);
            assertEquals(offsets, client.commit(1, 1, sends, got.get(0)), "the outcome of the first time");
        }
        restart();
        try (RawClient client = client(null)) {
            client.listen(1, 1, in, 10);
            client.awaitMessages(1);
            assertEquals(List.of("b"), texts(client.drain(1, 10)));
            client.listen(1, 2, out, 10);
            client.awaitMessages(3);
            assertEquals(List.of("b", "o1", "o2"), texts(client.drain(2, 10)));
            client.listen(1, 3, wide, 10);
            client.awaitMessages(5);
            assertEquals(5, client.drain(3, 10).size());
        }
    }

    @ParameterizedTest
    @EnumSource(PenstockApi.class)
    void noBodyOfAnyKeyHurts(PenstockApi api) throws Exception {
        Random random = new Random(SEED + api.key());
        try (RawClient bystander = client(null)) {
            UUID queue = bystander.queue("orders");
            bystander.listen(1, 1, queue, 10);
            for (int round = 0; round < 50; round++) {
                byte[] body = new byte[random.nextInt(200)];
                random.nextBytes(body);
                if (round % 3 == 1) {
                    java.util.Arrays.fill(body, (byte) 0x7f); // counts and lengths of two thousand million
                } else if (round % 3 == 2) {
                    java.util.Arrays.fill(body, (byte) 0xff); // and negative ones
                }
                try (RawClient hostile = round % 2 == 0 ? client(null) : new RawClient(broker.port())) {
                    int asked = hostile.begin(api.key(), (short) 0, body);
                    int ping = hostile.begin(PenstockApi.PING, new PingRequest());
                    if (api.replied() && api != PenstockApi.SETTLE) {
                        hostile.await(asked);
                    }
                    // An answer, whatever it says, and the connection serves on.
                    hostile.await(ping);
                }
            }
            bystander.send(queue, 0, "still here");
            assertEquals("still here", bystander.awaitMessages(1).get(0).text());
        }
    }

    @Test
    void whatIsCutShortIsRefusedByName() throws Exception {
        try (RawClient client = client(null)) {
            byte[] whole = RawClient.bytes(new UnsubscribeRequest("sub", null));
            for (int length = 0; length < whole.length; length++) {
                int asked =
                        client.begin(PenstockApi.UNSUBSCRIBE.key(), (short) 0, java.util.Arrays.copyOf(whole, length));
                assertEquals(PenstockError.INVALID_REQUEST, client.await(asked).error());
            }
            assertEquals(
                    PenstockError.UNSUPPORTED_VERSION,
                    client.await(client.begin(PenstockApi.PING.key(), (short) 7, new byte[0]))
                            .error());
            assertEquals(
                    PenstockError.NOT_SUPPORTED,
                    client.await(client.begin((short) 20_099, (short) 0, new byte[0]))
                            .error());
            client.begin(PenstockApi.CREDIT.key(), (short) 0, new byte[3]);
            assertEquals(PenstockError.INVALID_REQUEST, client.awaitPushedError());
        }
    }

    static Stream<Arguments> badBatches() {
        return Stream.of(
                bad("a bad checksum", batch -> batch.put(70, (byte) 0x7e)),
                bad("magic 1", batch -> batch.put(16, (byte) 1)),
                bad("magic 9", batch -> batch.put(16, (byte) 9)),
                bad("a wrong count", batch -> signed(batch.putInt(57, 3).putInt(23, 2))),
                bad("a control batch", batch -> signed(batch.putShort(21, (short) 0x20))),
                bad("another codec", batch -> signed(batch.putShort(21, (short) 7))),
                bad("not gzip", batch -> signed(batch.putShort(21, (short) 1))),
                bad("not snappy", batch -> signed(batch.putShort(21, (short) 2))),
                bad("not lz4", batch -> signed(batch.putShort(21, (short) 3))),
                bad("not zstd", batch -> signed(batch.putShort(21, (short) 4))),
                bad("a varint without an end", batch -> {
                    for (int at = 61; at < 73; at++) {
                        batch.put(at, (byte) -1);
                    }
                    return signed(batch);
                }),
                bad("half a batch", batch -> batch.limit(batch.limit() - 3)));
    }

    private static Arguments bad(String name, UnaryOperator<ByteBuffer> damage) {
        return Arguments.of(name, damage);
    }

    private static ByteBuffer signed(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.duplicate().position(21));
        return batch.putInt(17, (int) crc.getValue());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badBatches")
    void aBadBatchIsRefusedAndTheNextOneIsTaken(String name, UnaryOperator<ByteBuffer> damage) throws Exception {
        try (RawClient client = client(null)) {
            UUID queue = client.queue("bad");
            ByteBuffer batch = SimulatedClient.batch(-1, -1, null, "some text", "some more");
            ByteBuffer copy = ByteBuffer.allocate(batch.remaining()).put(batch).flip();
            assertEquals(PenstockError.INVALID_RECORD, sent(client, queue, damage.apply(copy)), name);
            client.send(queue, 0, "good");
            client.listen(1, 1, queue, 10);
            assertEquals(List.of("good"), texts(client.awaitMessages(1)));
        }
    }

    @Test
    void aBombIsRefusedByItsSize() throws Exception {
        try (RawClient client = client(null)) {
            UUID queue = client.queue("bombed");
            RecordBatchBuilder builder = new RecordBatchBuilder(4096);
            builder.start(Compression.ZSTD);
            builder.beginRecord(1)
                    .key(null)
                    .value(ByteBuffer.allocate(80 << 20))
                    .endRecord();
            assertEquals(PenstockError.MESSAGE_TOO_LARGE, sent(client, queue, builder.build()));
            client.send(queue, 0, "good");
        }
    }

    private static PenstockError sent(RawClient client, UUID queue, ByteBuffer batch) throws Exception {
        SendRequest request = new SendRequest(1, SendDurability.TOPIC, List.of(new SendEntry(queue, 0, batch)));
        return client.request(PenstockApi.SEND, request)
                .ok(SendResponse::read)
                .entries()
                .get(0)
                .error();
    }

    @Test
    void aFrameBeyondTheLimitEndsItsConnectionAndTheLimitIsTold() throws Exception {
        try (RawClient client = new RawClient(broker.port());
                RawClient other = client(null)) {
            OpenConnectionResponse opened = client.open(null).ok(OpenConnectionResponse::read);
            assertEquals(2_097_152, opened.maxFrameBytes(), "what the operator has set");
            client.writeRaw(ByteBuffer.allocate(Integer.BYTES)
                    .putInt(opened.maxFrameBytes() + 1)
                    .array());
            assertTrue(client.closedByBroker());
            other.request(PenstockApi.PING, new PingRequest()).ok();
        }
    }
}
