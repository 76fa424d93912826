package io.penstock.broker.request.jms;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.AcquiredRange;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.BranchDescription;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.CommitRequest;
import io.penstock.protocol.message.CommitResponse;
import io.penstock.protocol.message.CreditRequest;
import io.penstock.protocol.message.DeliverPush;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.EndBranchRequest;
import io.penstock.protocol.message.EndBranchResponse;
import io.penstock.protocol.message.ListBranchesRequest;
import io.penstock.protocol.message.ListBranchesResponse;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrepareBranchRequest;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.PushHeader;
import io.penstock.protocol.message.PushKind;
import io.penstock.protocol.message.ResolveRequest;
import io.penstock.protocol.message.ResolveResponse;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.message.SendRequest;
import io.penstock.protocol.message.SendResponse;
import io.penstock.protocol.message.SettleRequest;
import io.penstock.protocol.message.Settlement;
import io.penstock.protocol.message.SubscribeRequest;
import io.penstock.protocol.message.SubscribeResponse;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A JMS client at the level of the protocol: one connection, requests answered in simulated time. */
final class SimulatedClient {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** A message as it was delivered. */
    record Received(int consumerId, int partition, long offset, int deliveryCount, String text) {}

    final SimulatedFront front;
    final SimulatedSocket socket;
    private final Map<String, Integer> sequences = new HashMap<>();
    private final List<Received> received = new ArrayList<>();
    private int pushesRead;
    private int correlation;
    private long producerId;
    String token;

    SimulatedClient(SimulatedFront front) {
        this.front = front;
        this.socket = new SimulatedSocket(front.loop(correlation));
    }

    static SimulatedClient open(SimulatedFront front, String clientId) {
        SimulatedClient client = new SimulatedClient(front);
        OpenConnectionResponse opened = client.ok(client.open(clientId, null), OpenConnectionResponse::read);
        client.token = opened.token();
        client.producerId = opened.firstProducerId();
        return client;
    }

    /** As a client without a client id names itself in its messages. */
    String sender() {
        return "~" + producerId;
    }

    /** Of its connection. */
    long number() {
        return producerId;
    }

    Reply open(String clientId, String resumeToken) {
        return request(PenstockApi.OPEN_CONNECTION, new OpenConnectionRequest(clientId, null, resumeToken));
    }

    // ---- requests

    /** An answer, when it has come. */
    static final class Reply {
        boolean done;
        PenstockError error = PenstockError.NONE;
        String message;
        ByteBuffer body;
    }

    /** Reads a body. */
    interface Body<T> {
        T read(ByteBuffer body, short version);
    }

    /** Sends without waiting. */
    Reply begin(PenstockApi api, PrivateMessage message) {
        ByteBuffer body = ByteBuffer.allocate(message.sizeBytes());
        message.writeTo(body);
        body.flip();
        Reply reply = new Reply();
        int id = correlation++;
        front.loop(0).execute(() -> {
            try {
                front.handler(api).handle(new ReplyCall(reply, id), body);
            } catch (Exception e) {
                throw new AssertionError(api + " threw", e);
            }
        });
        return reply;
    }

    Reply request(PenstockApi api, PrivateMessage message) {
        return await(begin(api, message));
    }

    Reply await(Reply reply) {
        if (!front.time.runUntil(() -> reply.done, LIMIT_NANOS)) {
            throw new AssertionError("no answer");
        }
        return reply;
    }

    <T> T ok(Reply reply, Body<T> body) {
        await(reply);
        if (reply.error != PenstockError.NONE) {
            throw new AssertionError(reply.error + ": " + reply.message);
        }
        return body.read(reply.body, (short) 0);
    }

    void ok(Reply reply) {
        await(reply);
        if (reply.error != PenstockError.NONE) {
            throw new AssertionError(reply.error + ": " + reply.message);
        }
    }

    ResolveResponse resolve(String name, DestinationKind kind, int partitions) {
        return ok(
                request(PenstockApi.RESOLVE, new ResolveRequest(name, kind, true, partitions)), ResolveResponse::read);
    }

    UUID queue(String name) {
        return resolve(name, DestinationKind.QUEUE, 0).topicId();
    }

    UUID topic(String name) {
        return resolve(name, DestinationKind.TOPIC, 0).topicId();
    }

    SendEntry entry(UUID topic, int partition, String... texts) {
        String key = topic + "-" + partition;
        int sequence = sequences.getOrDefault(key, 0);
        sequences.put(key, sequence + texts.length);
        return new SendEntry(topic, partition, batch(producerId, sequence, null, texts));
    }

    /** The first batch of another of the connection's producers. */
    SendEntry entryBy(int producer, UUID topic, int partition, String... texts) {
        return new SendEntry(topic, partition, batch(producerId + 1 + producer, 0, null, texts));
    }

    static ByteBuffer batch(long producerId, int sequence, String sender, String... texts) {
        RecordBatchBuilder builder =
                new RecordBatchBuilder(256).start(Compression.NONE, producerId, (short) 0, sequence);
        for (String text : texts) {
            builder.beginRecord(1000).key(null).value(text.getBytes(StandardCharsets.UTF_8));
            if (sender != null) {
                builder.header("penstock.sender", sender);
            }
            builder.endRecord();
        }
        ByteBuffer built = builder.build();
        return ByteBuffer.allocate(built.remaining()).put(built).flip();
    }

    void send(UUID topic, int partition, String... texts) {
        SendResponse response = ok(
                request(
                        PenstockApi.SEND,
                        new SendRequest(1, SendDurability.TOPIC, List.of(entry(topic, partition, texts)))),
                SendResponse::read);
        if (response.entries().get(0).error() != PenstockError.NONE) {
            throw new AssertionError(response.entries().get(0).toString());
        }
    }

    AttachRequest attach(int session, int consumer, UUID topic, AttachSource source, int credit) {
        return new AttachRequest(
                session, consumer, topic, List.of(), source, null, 0, null, false, false, credit, 1 << 20);
    }

    void listen(int session, int consumer, UUID queue, int credit) {
        ok(request(PenstockApi.ATTACH, attach(session, consumer, queue, AttachSource.QUEUE, credit)));
    }

    SubscribeResponse subscribe(String name, String topic) {
        return ok(
                request(PenstockApi.SUBSCRIBE, new SubscribeRequest(name, null, topic, null, false, false, true)),
                SubscribeResponse::read);
    }

    AttachRequest attachDurable(int session, int consumer, SubscribeResponse subscription, int credit) {
        return new AttachRequest(
                session,
                consumer,
                subscription.topicId(),
                List.of(),
                AttachSource.SUBSCRIPTION,
                subscription.groupId(),
                subscription.incarnation(),
                null,
                false,
                false,
                credit,
                1 << 20);
    }

    void credit(int consumer, int messages, int drainId) {
        begin(PenstockApi.CREDIT, new CreditRequest(consumer, messages, 1 << 20, drainId));
    }

    static Settlement settlement(Received message, Disposition disposition) {
        return new Settlement(
                message.consumerId(),
                message.partition(),
                disposition,
                List.of(new OffsetRange(message.offset(), message.offset())));
    }

    static Mark mark(Received message) {
        return new Mark(
                message.consumerId(),
                message.partition(),
                List.of(new OffsetRange(message.offset(), message.offset())));
    }

    Reply settle(int session, long sequence, Disposition disposition, Received... messages) {
        List<Settlement> settlements = new ArrayList<>();
        for (Received message : messages) {
            settlements.add(settlement(message, disposition));
        }
        return request(PenstockApi.SETTLE, new SettleRequest(session, sequence, true, List.of(), settlements));
    }

    Reply beginCommit(int session, long sequence, List<SendEntry> sends, Received... accepted) {
        List<Settlement> settlements = new ArrayList<>();
        for (Received message : accepted) {
            settlements.add(settlement(message, Disposition.ACCEPT));
        }
        return begin(PenstockApi.COMMIT, new CommitRequest(session, sequence, sends, List.of(), settlements));
    }

    List<Long> commit(int session, long sequence, List<SendEntry> sends, Received... accepted) {
        return ok(beginCommit(session, sequence, sends, accepted), CommitResponse::read)
                .baseOffsets();
    }

    // ---- branches

    Reply beginPrepare(int session, long sequence, BranchId branch, List<SendEntry> sends, Received... accepted) {
        List<Settlement> settlements = new ArrayList<>();
        for (Received message : accepted) {
            settlements.add(settlement(message, Disposition.ACCEPT));
        }
        return begin(
                PenstockApi.PREPARE_BRANCH,
                new PrepareBranchRequest(session, sequence, branch, sends, List.of(), settlements));
    }

    Reply beginEnd(BranchId branch, EndBranchRequest.Action action) {
        return begin(PenstockApi.END_BRANCH, new EndBranchRequest(branch, action, null));
    }

    EndBranchResponse.Outcome end(BranchId branch, EndBranchRequest.Action action) {
        return ok(beginEnd(branch, action), EndBranchResponse::read).outcome();
    }

    List<BranchDescription> branches() {
        return ok(request(PenstockApi.LIST_BRANCHES, new ListBranchesRequest(false, null)), ListBranchesResponse::read)
                .branches();
    }

    // ---- pushes

    /** Everything that was delivered up to now. */
    List<Received> received() {
        while (pushesRead < socket.pushes.size()) {
            ByteBuffer push = socket.pushes.get(pushesRead++).duplicate();
            if (PushHeader.read(push).kind() == PushKind.DELIVER) {
                decode(DeliverPush.read(push, (short) 0), received);
            }
        }
        return received;
    }

    List<PushKind> pushKinds() {
        return socket.pushes.stream()
                .map(push -> PushHeader.read(push.duplicate()).kind())
                .toList();
    }

    List<String> texts() {
        return received().stream().map(Received::text).toList();
    }

    Received awaitMessage(String text) {
        front.time.runUntil(() -> texts().contains(text), LIMIT_NANOS);
        return received.stream()
                .filter(message -> message.text().equals(text))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new AssertionError(text + " did not come, but " + received));
    }

    List<Received> awaitMessages(int count) {
        if (!front.time.runUntil(() -> received().size() >= count, LIMIT_NANOS)) {
            throw new AssertionError(count + " messages did not come, but " + received);
        }
        return received;
    }

    /** Adds what a push delivers. */
    static void decode(DeliverPush push, List<Received> received) {
        ByteBuffer batches = push.batches().slice();
        RecordCursor cursor = new RecordCursor();
        for (int at = 0; at < batches.limit(); ) {
            RecordBatch batch = RecordBatch.of(batches).wrap(batches, at);
            cursor.open(batch, 1 << 20);
            while (cursor.next()) {
                long offset = cursor.record().offset();
                for (AcquiredRange range : push.acquired()) {
                    if (offset >= range.first() && offset <= range.last()) {
                        String text = StandardCharsets.UTF_8
                                .decode(cursor.record().value().duplicate())
                                .toString();
                        received.add(
                                new Received(push.consumerId(), push.partition(), offset, range.deliveryCount(), text));
                    }
                }
            }
            at = batch.end();
        }
    }

    private final class ReplyCall implements PrivateHandler.Call {
        private final Reply reply;
        private final int id;

        ReplyCall(Reply reply, int id) {
            this.reply = reply;
            this.id = id;
        }

        @Override
        public ClientConnection connection() {
            return socket;
        }

        @Override
        public short version() {
            return 0;
        }

        @Override
        public int correlationId() {
            return id;
        }

        @Override
        public void retain() {
            // The test's buffer stays.
        }

        @Override
        public void reply(OutgoingFrame body) {
            once();
            reply.body = body == null ? ByteBuffer.allocate(0) : SimulatedSocket.bytes(body);
        }

        @Override
        public void fail(PenstockError error, String message) {
            once();
            reply.error = error;
            reply.message = message;
        }

        @Override
        public void done() {
            once();
        }

        private void once() {
            if (reply.done) {
                throw new AssertionError("answered twice");
            }
            reply.done = true;
        }
    }
}
