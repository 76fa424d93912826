package io.penstock.jms.wire;

import io.penstock.jms.client.BrokerAddress;
import io.penstock.jms.client.ClientBranches;
import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Clock;
import io.penstock.jms.client.ConnectionObserver;
import io.penstock.jms.client.ConnectionSettings;
import io.penstock.jms.client.DestinationKind;
import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.client.Reconnection;
import io.penstock.jms.client.SessionState;
import io.penstock.jms.client.Subscription;
import io.penstock.jms.client.Target;
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
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PingRequest;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.PushKind;
import io.penstock.protocol.message.SubscribeRequest;
import io.penstock.protocol.message.SubscribeResponse;
import io.penstock.protocol.message.UnsubscribeRequest;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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

    private static final long LOOK_MILLIS = 250;

    /** A socket and what the broker said on it at first. */
    record Opened(Transport transport, BrokerAddress broker, OpenConnectionResponse welcome) {}

    private final WireEngine engine;
    private final ConnectionObserver observer;
    private final String token = Long.toString(UUID.randomUUID().getMostSignificantBits() & Long.MAX_VALUE, 36);
    private final AtomicInteger lastSession = new AtomicInteger();
    private final AtomicInteger lastConsumer = new AtomicInteger();
    private final ConsumerTable consumers = new ConsumerTable();
    private final Map<Integer, WireSession> sessions = new ConcurrentHashMap<>();
    private final WireDestinations destinations;
    private final BrokerOrder brokers;

    private volatile ConnectionSettings settings;
    private volatile Transport transport;
    private volatile OpenConnectionResponse welcome;
    private volatile ProducerIds producerIds;
    private volatile byte[] sender;
    private final Outage outage = new Outage(this);
    private volatile Incoming incoming;
    /** The socket over which sessions are being taken up, else null. */
    private volatile Transport restoring;

    WireConnection(WireEngine engine, ConnectionSettings settings, ConnectionObserver observer) {
        this.engine = engine;
        this.settings = settings;
        this.observer = observer;
        this.destinations = new WireDestinations(this, engine.policy());
        this.brokers = new BrokerOrder(settings.brokers());
    }

    void open() throws JMSException {
        for (int attempt = 1; ; attempt++) {
            Incoming pushes = new Incoming();
            try {
                Opened opened = engine.open(settings, brokers, null, pushes);
                if (!outage.take(() -> take(opened, pushes))) {
                    throw lostAgain(opened);
                }
                return;
            } catch (JMSSecurityException | InvalidClientIDException e) {
                throw e;
            } catch (JMSException e) {
                if (attempt == settings.initialAttempts()
                        || !outage.pauseBeforeFirst(settings.reconnection().delayMillis(attempt + 1))) {
                    throw e;
                }
            }
        }
    }

    /**
     * Takes a socket into use; false when it is gone already. Holds the outage's lock, and so does who tells of the
     * socket's end: that is either seen here or told there, and then begins an outage.
     */
    private boolean take(Opened opened, Incoming pushes) {
        Incoming before = incoming;
        incoming = pushes;
        if (!opened.transport.isOpen()) {
            incoming = before;
            return false;
        }
        use(opened);
        return true;
    }

    private static JMSException lostAgain(Opened opened) {
        return new JMSException("the connection to " + opened.transport.peer() + " was lost again", "CONNECTION");
    }

    private void use(Opened opened) {
        boolean same = welcome != null && welcome.token().equals(opened.welcome.token());
        welcome = opened.welcome;
        if (!same) {
            producerIds = new ProducerIds(this, welcome.firstProducerId(), welcome.producerIds());
            // The broker knows a connection without a client id by the first of its producer ids.
            String name = settings.clientId() == null ? "~" + welcome.firstProducerId() : settings.clientId();
            sender = name.getBytes(StandardCharsets.UTF_8);
        }
        transport = opened.transport;
        watch(opened);
    }

    /** The socket is gone. On the outage's thread, before the first attempt to make another. */
    void interrupted() {
        transport.awaitReader();
        for (WireSession session : sessions.values()) {
            try {
                session.interrupted();
            } catch (JMSException e) {
                report(e);
            }
        }
    }

    /**
     * One attempt to make a lost connection again, with its sessions. On the outage's thread.
     *
     * @throws JMSException if it failed; a JMSSecurityException or InvalidClientIDException says that it always will
     */
    void reconnect() throws JMSException {
        Incoming pushes = new Incoming();
        // Pushes of the old socket must not come among those of the new one.
        transport.awaitReader();
        Opened opened = engine.open(settings, brokers, welcome.token(), pushes);
        boolean done = false;
        try {
            restoring = opened.transport;
            if (!outage.isOn()) {
                throw lostAgain(opened); // Given up meanwhile.
            }
            boolean kept = welcome.token().equals(opened.welcome.token());
            destinations.restoreTemporaries(opened.transport);
            for (WireSession session : sessions.values()) {
                session.restore(opened.transport, kept);
            }
            done = outage.end(() -> take(opened, pushes));
            if (!done) {
                throw lostAgain(opened);
            }
            sessions.values().forEach(WireSession::letIn);
        } finally {
            restoring = null;
            if (!done) {
                opened.transport.close("the sessions could not be restored");
            }
        }
    }

    /** The connection is gone for good. */
    void lost(JMSException problem, boolean told) {
        Transport half = restoring;
        if (half != null) {
            half.close("nobody wants the connection any more"); // Who restores sessions over it holds up their closing.
        }
        consumers.all().forEach(consumer -> consumer.connectionLost(problem));
        sessions.values().forEach(session -> session.connectionLost(problem));
        if (told) {
            observer.failed(problem);
        }
    }

    String brokers() {
        return settings.brokers().toString();
    }

    Reconnection reconnection() {
        return settings.reconnection();
    }

    @Override
    public void identify(String clientId) throws JMSException {
        ConnectionSettings identified = settings.withClientId(clientId);
        Incoming pushes = new Incoming();
        Opened opened = engine.open(identified, brokers, null, pushes);
        Transport before = transport;
        if (!outage.take(() -> take(opened, pushes))) {
            throw lostAgain(opened);
        }
        settings = identified;
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

    /** Asks the broker; a question that was lost with the socket is asked again when there is another. */
    <T> CompletableFuture<T> call(PenstockApi api, PrivateMessage request, Calls.Reader<T> reader, String what) {
        CompletableFuture<T> result = new CompletableFuture<>();
        attempt(result, api, request, reader, what);
        return result;
    }

    /** As {@link #call}; nothing more is asked when the result has come in another way. */
    <T> void attempt(
            CompletableFuture<T> result, PenstockApi api, PrivateMessage request, Calls.Reader<T> reader, String what) {
        if (result.isDone()) {
            return;
        }
        Transport asked = transport;
        Calls.call(asked, api, request, reader, what).whenComplete((answer, failure) -> {
            if (failure == null) {
                result.complete(answer);
            } else if (!isLoss(failure)
                    || !outage.afterwards(asked, () -> attempt(result, api, request, reader, what))) {
                result.completeExceptionally(failure);
            }
        });
    }

    /** The socket went, not the request. */
    static boolean isLoss(Throwable failure) {
        return failure instanceof ConnectionLostException
                || (failure instanceof JMSException && failure.getCause() instanceof ConnectionLostException);
    }

    Outage outage() {
        return outage;
    }

    /** Adds the message to a batch. */
    void encode(OutgoingMessage message, WireTarget target, RecordBatchBuilder batch) throws JMSException {
        byte[] named = target.kind() == DestinationKind.TOPIC ? sender : null;
        MessageEncoder.encode(
                (PenstockMessage) message.message(), batch, clock().wallMillis(), named, message.sentBody());
    }

    /** A longer frame would cost the connection. */
    int frameBytesMax() {
        return welcome.maxFrameBytes();
    }

    /** A longer body is not taken, in pieces neither. */
    int bodyBytesMax() {
        return welcome.maxBodyBytes();
    }

    /** A commit travels in one frame. */
    int transactionBytesMax() {
        return Math.min(settings.transactionBytesMax(), welcome.maxFrameBytes() - 64 * 1024);
    }

    int newConsumerId() {
        return lastConsumer.incrementAndGet();
    }

    ConsumerTable consumers() {
        return consumers;
    }

    /** The broker pushes nothing more to it; its session may still settle. */
    void detached(WireConsumer consumer) {
        consumers.forget(consumer);
        WireSession session = sessions.get(consumer.request().sessionId());
        if (session != null) {
            session.detached(consumer);
        }
    }

    void ended(WireSession session) {
        sessions.remove(session.id(), session);
        consumers.endAllOf(session.id());
    }

    /** Something that nobody waits for has failed. */
    void report(JMSException problem) {
        observer.problem(problem);
    }

    /** Waits for an answer, not over interruptions. */
    static <T> T get(CompletableFuture<T> future, int timeoutMillis, String what) throws JMSException {
        try {
            return future.get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw ErrorTable.translate(e.getCause(), what);
        } catch (TimeoutException e) {
            throw ErrorTable.translate(e, what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorTable.translate(e, what);
        }
    }

    <T> T await(CompletableFuture<T> future, String what) throws JMSException {
        long asked = clock().nanos();
        try {
            while (true) {
                try {
                    return future.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    if (answerDueNanos(asked) - clock().nanos() <= 0) {
                        throw ErrorTable.translate(e, what + ": no answer within " + callTimeoutMillis() + " ms");
                    }
                }
            }
        } catch (ExecutionException e) {
            throw ErrorTable.translate(e.getCause(), what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ErrorTable.translate(e, what);
        }
    }

    /** The broker's number, for names. */
    int brokerId() {
        return welcome.brokerId();
    }

    // ---- the port

    @Override
    public CompletableFuture<Target> resolve(String name, DestinationKind kind, int partitions) {
        return destinations.resolve(name, kind, partitions);
    }

    @Override
    public CompletableFuture<String> createTemporary(DestinationKind kind) {
        return destinations.createTemporary(kind);
    }

    @Override
    public CompletableFuture<Void> deleteTemporary(String name) {
        return destinations.deleteTemporary(name);
    }

    @Override
    public CompletableFuture<Subscription> subscribeDurable(
            String name, Target topic, String selector, boolean noLocal, boolean shared) {
        return call(
                        PenstockApi.SUBSCRIBE,
                        new SubscribeRequest(name, settings.clientId(), topic.name(), selector, noLocal, shared, true),
                        SubscribeResponse::read,
                        "subscribing as '" + name + "'")
                .thenApply(response -> new WireSubscription(name, topic, response.groupId(), response.incarnation()));
    }

    @Override
    public Subscription sharedSubscription(String name, Target topic) {
        return new WireSubscription(name, topic, null, 0);
    }

    @Override
    public CompletableFuture<Void> unsubscribe(String name) {
        return call(
                PenstockApi.UNSUBSCRIBE,
                new UnsubscribeRequest(name, settings.clientId()),
                Calls::nothing,
                "unsubscribing '" + name + "'");
    }

    @Override
    public ClientSession openSession(SessionState state) {
        WireSession session =
                new WireSession(this, state, lastSession.incrementAndGet(), TURN.getAndIncrement() & Integer.MAX_VALUE);
        sessions.put(session.id(), session);
        return session;
    }

    @Override
    public ClientBranches branches() {
        return new WireBranches(this);
    }

    @Override
    public String token() {
        return token;
    }

    @Override
    public void later(Runnable task, long delayMillis) {
        Transport.later(task, delayMillis);
    }

    @Override
    public boolean isInterrupted() {
        return outage.isOn();
    }

    @Override
    public long answerDueNanos(long askedNanos) {
        return outage.answerDueNanos(askedNanos, callTimeoutMillis() * 1_000_000L);
    }

    @Override
    public void closing() {
        outage.giveUp();
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
        outage.giveUp();
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
    private void watch(Opened opened) {
        Transport to = opened.transport;
        SilenceWatch watch = new SilenceWatch(new Line(opened), opened.welcome.leaseMillis());
        to.schedule(() -> tick(to, watch), watch.tickMillis());
    }

    private static void tick(Transport to, SilenceWatch watch) {
        if (watch.tick()) {
            to.schedule(() -> tick(to, watch), watch.tickMillis());
        }
    }

    /** What is watched of a socket. */
    private final class Line implements SilenceWatch.Line {
        private final Opened opened;

        Line(Opened opened) {
            this.opened = opened;
        }

        @Override
        public long heard() {
            return opened.transport.heard();
        }

        @Override
        public void ask() {
            Transport to = opened.transport;
            var unused = to.request(PenstockApi.PING.key(), (short) 0, Calls.body(new PingRequest()))
                    .whenComplete((body, failure) -> {
                        if (failure != null) {
                            to.close("the broker at " + to.peer() + " does not answer: " + failure.getMessage());
                        }
                    });
        }

        @Override
        public void giveUp(String why) {
            brokers.silent(opened.broker);
            opened.transport.close("the broker at " + opened.transport.peer() + " " + why);
        }
    }

    /** Pushes of one socket. Who reads it. */
    private final class Incoming implements TransportListener {
        @Override
        public void pushed(short kind, short version, ByteBuffer body) {
            switch (PushKind.of(kind)) {
                case DELIVER -> {
                    DeliverPush push = DeliverPush.read(body, version);
                    WireConsumer to = consumers.openOrNull(push.consumerId());
                    if (to != null) {
                        to.delivered(push);
                    }
                }
                case DRAINED -> {
                    DrainedPush push = DrainedPush.read(body, version);
                    WireConsumer to = consumers.openOrNull(push.consumerId());
                    if (to != null) {
                        to.drained(push.drainId());
                    }
                }
                case CONSUMER_ERROR -> {
                    ConsumerErrorPush push = ConsumerErrorPush.read(body, version);
                    if (push.error() == PenstockError.NOT_LEADER && outage.willEnd()) {
                        // A broker that stops says so before it hangs up; the consumer is attached again with the rest.
                        transport.close(
                                "the broker at " + transport.peer() + " serves consumers no more: " + push.message());
                        return;
                    }
                    WireConsumer to = consumers.openOrNull(push.consumerId());
                    if (to != null) {
                        to.failed(push);
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
            if (incoming != this) {
                return; // Replaced, or never taken.
            }
            // Nothing more comes to who waits for the end of a drain.
            consumers.all().forEach(WireConsumer::interrupted);
            outage.begin(ErrorTable.translate(cause, "connection lost"), () -> incoming == this);
        }
    }
}
