package io.penstock.broker.request.jms;

import io.penstock.broker.request.jms.SimulatedClient.Body;
import io.penstock.broker.request.jms.SimulatedClient.Received;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.CommitRequest;
import io.penstock.protocol.message.CommitResponse;
import io.penstock.protocol.message.ConnectionErrorPush;
import io.penstock.protocol.message.ConsumerErrorPush;
import io.penstock.protocol.message.CreditRequest;
import io.penstock.protocol.message.DeliverPush;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.PrivateRequestHeader;
import io.penstock.protocol.message.PrivateResponseHeader;
import io.penstock.protocol.message.PushHeader;
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
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The private protocol on a blocking socket, frame by frame; used by the test's thread alone, which closes it. */
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 20_000;
    private static final int CREDIT_BYTES = 1 << 20;

    /** A response: an error with its text, or a body. */
    record Answer(PenstockError error, String message, ByteBuffer body) {
        void ok() {
            if (error != PenstockError.NONE) {
                throw new AssertionError(error + ": " + message);
            }
        }

        <T> T ok(Body<T> reader) {
            ok();
            return reader.read(body, (short) 0);
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final List<Received> received = new ArrayList<>();
    private final Map<Integer, Answer> answers = new HashMap<>();
    private final Map<String, Integer> sequences = new HashMap<>();
    private int correlation;
    private long producerId;
    PenstockError pushedError;
    String token;

    RawClient(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new DataInputStream(socket.getInputStream());
    }

    static RawClient open(int port, String clientId) throws IOException {
        RawClient client = new RawClient(port);
        OpenConnectionResponse opened = client.open(clientId).ok(OpenConnectionResponse::read);
        client.token = opened.token();
        client.producerId = opened.firstProducerId();
        return client;
    }

    Answer open(String clientId) throws IOException {
        return request(PenstockApi.OPEN_CONNECTION, new OpenConnectionRequest(clientId, null, null));
    }

    // ---- frames

    /** Writes a frame as it is, behind its length. */
    void write(byte[] frame) throws IOException {
        socket.getOutputStream()
                .write(ByteBuffer.allocate(Integer.BYTES + frame.length)
                        .putInt(frame.length)
                        .put(frame)
                        .array());
    }

    /** Writes bytes that need not be frames. */
    void writeRaw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Sends without waiting and returns the correlation id. */
    int begin(short key, short version, byte[] body) throws IOException {
        PrivateRequestHeader header = new PrivateRequestHeader(key, version, correlation++, "raw");
        ByteBuffer frame = ByteBuffer.allocate(header.sizeBytes() + body.length);
        header.writeTo(frame);
        write(frame.put(body).array());
        return header.correlationId();
    }

    int begin(PenstockApi api, PrivateMessage message) throws IOException {
        return begin(api.key(), (short) 0, bytes(message));
    }

    static byte[] bytes(PrivateMessage message) {
        ByteBuffer body = ByteBuffer.allocate(message.sizeBytes());
        message.writeTo(body);
        return body.array();
    }

    Answer await(int correlationId) throws IOException {
        while (!answers.containsKey(correlationId)) {
            readFrame();
        }
        return answers.remove(correlationId);
    }

    Answer request(PenstockApi api, PrivateMessage message) throws IOException {
        return await(begin(api, message));
    }

    private void readFrame() throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        if (!PushHeader.isPush(frame)) {
            PrivateResponseHeader header = PrivateResponseHeader.read(frame);
            answers.put(header.correlationId(), new Answer(header.error(), header.message(), frame));
            return;
        }
        switch (PushHeader.read(frame).kind()) {
            case DELIVER -> SimulatedClient.decode(DeliverPush.read(frame, (short) 0), received);
            case CONNECTION_ERROR ->
                pushedError = ConnectionErrorPush.read(frame, (short) 0).error();
            case CONSUMER_ERROR ->
                pushedError = ConsumerErrorPush.read(frame, (short) 0).error();
            case DRAINED -> drained++;
        }
    }

    private int drained;

    /** Everything that is available now, up to the credit: what a drain brings. */
    List<Received> drain(int consumer, int messages) throws IOException {
        int before = drained;
        begin(PenstockApi.CREDIT, new CreditRequest(consumer, messages, CREDIT_BYTES, before + 1));
        while (drained == before) {
            readFrame();
        }
        return received;
    }

    List<Received> awaitMessages(int count) throws IOException {
        while (received.size() < count) {
            readFrame();
        }
        return received;
    }

    /** The broker's end of the stream: true when it comes within the time limit. */
    boolean closedByBroker() throws IOException {
        try {
            while (true) {
                readFrame();
            }
        } catch (java.io.EOFException | java.net.SocketException end) {
            return true;
        } catch (java.net.SocketTimeoutException open) {
            return false;
        }
    }

    PenstockError awaitPushedError() throws IOException {
        while (pushedError == null) {
            readFrame();
        }
        PenstockError error = pushedError;
        pushedError = null;
        return error;
    }

    // ---- requests

    UUID resolve(String name, DestinationKind kind, int partitions) throws IOException {
        return request(PenstockApi.RESOLVE, new ResolveRequest(name, kind, true, partitions))
                .ok(ResolveResponse::read)
                .topicId();
    }

    UUID queue(String name) throws IOException {
        return resolve(name, DestinationKind.QUEUE, 0);
    }

    SendEntry entry(UUID topic, int partition, String... texts) {
        int sequence = sequences.merge(topic + "-" + partition, texts.length, Integer::sum) - texts.length;
        return new SendEntry(topic, partition, SimulatedClient.batch(producerId, sequence, null, texts));
    }

    void send(UUID topic, int partition, String... texts) throws IOException {
        SendResponse response = request(
                        PenstockApi.SEND,
                        new SendRequest(1, SendDurability.TOPIC, List.of(entry(topic, partition, texts))))
                .ok(SendResponse::read);
        if (response.entries().get(0).error() != PenstockError.NONE) {
            throw new AssertionError(response.entries().get(0).toString());
        }
    }

    void listen(int session, int consumer, UUID queue, int credit) throws IOException {
        request(
                        PenstockApi.ATTACH,
                        new AttachRequest(
                                session,
                                consumer,
                                queue,
                                List.of(),
                                AttachSource.QUEUE,
                                null,
                                0,
                                null,
                                false,
                                false,
                                credit,
                                CREDIT_BYTES))
                .ok();
    }

    SubscribeResponse subscribe(String name, String topic) throws IOException {
        return request(PenstockApi.SUBSCRIBE, new SubscribeRequest(name, null, topic, null, false, false, true))
                .ok(SubscribeResponse::read);
    }

    Answer attachDurable(int session, int consumer, SubscribeResponse to, int credit) throws IOException {
        return request(
                PenstockApi.ATTACH,
                new AttachRequest(
                        session,
                        consumer,
                        to.topicId(),
                        List.of(),
                        AttachSource.SUBSCRIPTION,
                        to.groupId(),
                        to.incarnation(),
                        null,
                        false,
                        false,
                        credit,
                        CREDIT_BYTES));
    }

    Answer settle(int session, long sequence, Disposition disposition, Received... messages) throws IOException {
        return request(
                PenstockApi.SETTLE,
                new SettleRequest(session, sequence, true, List.of(), settlements(disposition, messages)));
    }

    Answer mark(int session, long sequence, Received... messages) throws IOException {
        List<Mark> marks = Arrays.stream(messages).map(SimulatedClient::mark).toList();
        return request(PenstockApi.SETTLE, new SettleRequest(session, sequence, true, marks, List.of()));
    }

    List<Long> commit(int session, long sequence, List<SendEntry> sends, Received... accepted) throws IOException {
        return request(
                        PenstockApi.COMMIT,
                        new CommitRequest(
                                session, sequence, sends, List.of(), settlements(Disposition.ACCEPT, accepted)))
                .ok(CommitResponse::read)
                .baseOffsets();
    }

    private static List<Settlement> settlements(Disposition disposition, Received... messages) {
        return Arrays.stream(messages)
                .map(message -> SimulatedClient.settlement(message, disposition))
                .toList();
    }

    /** As a process that is killed: the socket goes, nothing is said. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
