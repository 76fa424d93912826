package io.penstock.jms.wire;

import io.penstock.jms.PenstockQueue;
import io.penstock.jms.PenstockTopic;
import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Clock;
import io.penstock.jms.client.ConnectionObserver;
import io.penstock.jms.client.ConnectionSettings;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.DestinationKind;
import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.client.Subscription;
import io.penstock.jms.client.Target;
import io.penstock.jms.message.MessageDecoder;
import io.penstock.jms.message.MessageEncoder;
import io.penstock.jms.message.PenstockMessage;
import io.penstock.jms.transport.ConnectionLostException;
import io.penstock.jms.transport.Transport;
import io.penstock.jms.transport.TransportListener;
import io.penstock.protocol.message.CloseConnectionRequest;
import io.penstock.protocol.message.ConnectionErrorPush;
import io.penstock.protocol.message.ConsumerErrorPush;
import io.penstock.protocol.message.DeliverPush;
import io.penstock.protocol.message.DrainedPush;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PingRequest;
import io.penstock.protocol.message.PushKind;
import io.penstock.protocol.message.ResolveRequest;
import io.penstock.protocol.message.ResolveResponse;
import io.penstock.protocol.message.SubscribeRequest;
import io.penstock.protocol.message.SubscribeResponse;
import io.penstock.protocol.message.UnsubscribeRequest;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.JMSException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A connection to one broker: its transport, its consumers by number, what it has found. Any thread; pushes come one
 * at a time.
 */
final class WireConnection implements ClientConnection {
    /** Sessions spread over partitions, those of different connections too. */
    private static final AtomicInteger TURN = new AtomicInteger();

    /** A socket and what the broker said on it at first. */
    record Opened(Transport transport, OpenConnectionResponse welcome) {}

    private final WireEngine engine;
    private final ConnectionObserver observer;
    private final String token = Long.toString(UUID.randomUUID().getMostSignificantBits() & Long.MAX_VALUE, 36);
    private final AtomicInteger lastSession = new AtomicInteger();
    private final AtomicInteger lastConsumer = new AtomicInteger();
    private final Map<Integer, SessionConsumer> consumers = new ConcurrentHashMap<>();
    private final Map<Integer, WireSession> sessions = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Target>> targets = new ConcurrentHashMap<>();
    private volatile ConnectionSettings settings;
    private volatile Transport transport;
    private volatile OpenConnectionResponse welcome;
    private volatile ProducerIds producerIds;
    private volatile byte[] sender;
    private volatile boolean closing;

    private record SessionConsumer(int sessionId, WireConsumer consumer) {}

    WireConnection(WireEngine engine, ConnectionSettings settings, ConnectionObserver observer) {
        this.engine = engine;
        this.settings = settings;
        this.observer = observer;
    }

    void open() throws JMSException {
        use(engine.open(settings, new Incoming()));
    }

    private void use(Opened opened) {
        transport = opened.transport;
        welcome = opened.welcome;
        producerIds = new ProducerIds(this, welcome.firstProducerId(), welcome.producerIds());
        // The broker knows a connection without a client id by the first of its producer ids.
        String name = settings.clientId() == null ? "~" + welcome.firstProducerId() : settings.clientId();
        sender = name.getBytes(StandardCharsets.UTF_8);
        schedulePing(opened.transport);
    }

    @Override
    public void identify(String clientId) throws JMSException {
        ConnectionSettings identified = settings.withClientId(clientId);
        Opened opened = engine.open(identified, new Incoming());
        Transport before = transport;
        settings = identified;
        use(opened);
        var unused = Calls.call(
                        before, PenstockApi.CLOSE_CONNECTION, new CloseConnectionRequest(), Calls::nothing, "closing")
                .whenComplete((nothing, failure) -> before.close("replaced by a connection with a client id"));
    }

    // ---- what sessions use

    Transport transport() {
        return transport;
    }

    ProducerIds producerIds() {
        return producerIds;
    }

    /** Adds the message to a batch. */
    void encode(OutgoingMessage message, WireTarget target, RecordBatchBuilder batch) throws JMSException {
        byte[] named = target.kind() == DestinationKind.TOPIC ? sender : null;
        MessageEncoder.encode((PenstockMessage) message.message(), batch, clock().wallMillis(), named);
    }

    /** A longer frame would cost the connection. */
    int frameBytesMax() {
        return welcome.maxFrameBytes();
    }

    /** A commit travels in one frame. */
    int transactionBytesMax() {
        return Math.min(settings.transactionBytesMax(), welcome.maxFrameBytes() - 64 * 1024);
    }

    WireConsumer newConsumer(int sessionId, WireTarget target, Object source, DeliverySink sink) {
        WireConsumer consumer = new WireConsumer(this, sessionId, lastConsumer.incrementAndGet(), target, source, sink);
        consumers.put(consumer.id(), new SessionConsumer(sessionId, consumer));
        return consumer;
    }

    void forget(WireConsumer consumer) {
        consumers.remove(consumer.id());
    }

    /** True when no other session has consumers. */
    boolean pushesOnlyTo(int sessionId) {
        for (SessionConsumer one : consumers.values()) {
            if (one.sessionId != sessionId) {
                return false;
            }
        }
        return true;
    }

    void ended(WireSession session) {
        sessions.remove(session.id(), session);
        forgetConsumersOf(session.id());
    }

    private void forgetConsumersOf(int sessionId) {
        for (SessionConsumer one : consumers.values()) {
            if (one.sessionId == sessionId) {
                forget(one.consumer);
                one.consumer.end();
            }
        }
    }

    /** Something that nobody waits for has failed. */
    void report(JMSException problem) {
        observer.problem(problem);
    }

    <T> T await(CompletableFuture<T> future, String what) throws JMSException {
        try {
            return future.get(callTimeoutMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw ErrorTable.translate(e.getCause(), what);
        } catch (TimeoutException e) {
            throw ErrorTable.translate(e, what + ": no answer within " + callTimeoutMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorTable.translate(e, what);
        }
    }

    // ---- the port

    @Override
    public CompletableFuture<Target> resolve(String name, DestinationKind kind, int partitions) {
        String key = kind + " " + name;
        CompletableFuture<Target> known = targets.get(key);
        if (known != null && (!known.isDone() || isGood(known))) {
            return known;
        }
        CompletableFuture<Target> found = Calls.call(
                        transport,
                        PenstockApi.RESOLVE,
                        new ResolveRequest(name, wireKind(kind), true, partitions),
                        ResolveResponse::read,
                        "looking for " + name)
                .thenApply(response -> new WireTarget(
                        name, kind, response.topicId(), response.partitions().size(), decoder(name, kind)));
        targets.put(key, found);
        return found;
    }

    private MessageDecoder decoder(String name, DestinationKind kind) {
        try {
            return new MessageDecoder(
                    kind == DestinationKind.QUEUE ? new PenstockQueue(name) : new PenstockTopic(name), engine.policy());
        } catch (JMSException e) {
            throw new CompletionException(e);
        }
    }

    private static boolean isGood(CompletableFuture<Target> done) {
        return !done.isCompletedExceptionally() && done.join().isValid();
    }

    private static io.penstock.protocol.message.DestinationKind wireKind(DestinationKind kind) {
        return kind == DestinationKind.QUEUE
                ? io.penstock.protocol.message.DestinationKind.QUEUE
                : io.penstock.protocol.message.DestinationKind.TOPIC;
    }

    @Override
    public CompletableFuture<Subscription> subscribeDurable(String name, Target topic, boolean noLocal) {
        return Calls.call(
                        transport,
                        PenstockApi.SUBSCRIBE,
                        new SubscribeRequest(name, settings.clientId(), topic.name(), null, noLocal, false, true),
                        SubscribeResponse::read,
                        "subscribing as '" + name + "'")
                .thenApply(response -> new WireSubscription(name, topic, response.groupId(), response.incarnation()));
    }

    @Override
    public CompletableFuture<Void> unsubscribe(String name) {
        return Calls.call(
                transport,
                PenstockApi.UNSUBSCRIBE,
                new UnsubscribeRequest(name, settings.clientId()),
                Calls::nothing,
                "unsubscribing '" + name + "'");
    }

    @Override
    public ClientSession openSession() {
        WireSession session =
                new WireSession(this, lastSession.incrementAndGet(), TURN.getAndIncrement() & Integer.MAX_VALUE);
        sessions.put(session.id(), session);
        return session;
    }

    @Override
    public String token() {
        return token;
    }

    @Override
    public void later(Runnable task, long delayMillis) {
        transport.schedule(task, delayMillis);
    }

    @Override
    public Clock clock() {
        return SystemClock.INSTANCE;
    }

    @Override
    public int callTimeoutMillis() {
        return settings.callTimeoutMillis();
    }

    @Override
    public CompletableFuture<Void> close() {
        closing = true;
        Transport last = transport;
        if (!last.isOpen()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> told = Calls.call(
                last,
                PenstockApi.CLOSE_CONNECTION,
                new CloseConnectionRequest(),
                Calls::nothing,
                "closing the connection");
        return told.whenComplete((nothing, failure) -> last.close("the connection was closed"));
    }

    // ---- keeping alive

    /** The broker forgets a connection that is silent for a lease; a broker that does not answer is gone. */
    private void schedulePing(Transport to) {
        long intervalMillis = Math.max(100, welcome.leaseMillis() / 3);
        to.schedule(
                () -> {
                    ping(to);
                    schedulePing(to);
                },
                intervalMillis);
    }

    private static void ping(Transport to) {
        var unused = to.request(PenstockApi.PING.key(), (short) 0, Calls.body(new PingRequest()))
                .whenComplete((body, failure) -> {
                    if (failure != null) {
                        to.close("the broker at " + to.peer() + " does not answer: " + failure.getMessage());
                    }
                });
    }

    /** Pushes of one socket. Who reads it. */
    private final class Incoming implements TransportListener {
        @Override
        public void pushed(short kind, short version, ByteBuffer body) {
            switch (PushKind.of(kind)) {
                case DELIVER -> {
                    DeliverPush push = DeliverPush.read(body, version);
                    SessionConsumer to = consumers.get(push.consumerId());
                    if (to != null) {
                        to.consumer.delivered(push);
                    }
                }
                case DRAINED -> {
                    DrainedPush push = DrainedPush.read(body, version);
                    SessionConsumer to = consumers.get(push.consumerId());
                    if (to != null) {
                        to.consumer.drained(push.drainId());
                    }
                }
                case CONSUMER_ERROR -> {
                    ConsumerErrorPush push = ConsumerErrorPush.read(body, version);
                    SessionConsumer to = consumers.get(push.consumerId());
                    if (to != null) {
                        to.consumer.failed(push);
                    }
                }
                case CONNECTION_ERROR -> {
                    ConnectionErrorPush push = ConnectionErrorPush.read(body, version);
                    observer.problem(ErrorTable.of(push.error(), "the broker reports: " + push.message()));
                }
            }
        }

        @Override
        public void closed(ConnectionLostException cause) {
            Transport current = transport;
            if (closing || (current != null && current.isOpen())) {
                return; // Closed by its owner, or replaced.
            }
            JMSException problem = ErrorTable.translate(cause, "connection lost");
            for (SessionConsumer one : consumers.values()) {
                one.consumer.connectionLost(problem);
            }
            sessions.values().forEach(WireSession::connectionLost);
            observer.failed(problem);
        }
    }
}
