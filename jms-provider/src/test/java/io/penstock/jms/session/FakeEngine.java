package io.penstock.jms.session;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.ClientBranch;
import io.penstock.jms.client.ClientBranches;
import io.penstock.jms.client.ClientConnection;
import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.ClientEngine;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Clock;
import io.penstock.jms.client.Confirmation;
import io.penstock.jms.client.ConnectionObserver;
import io.penstock.jms.client.ConnectionSettings;
import io.penstock.jms.client.ConsumerRequest;
import io.penstock.jms.client.Delivery;
import io.penstock.jms.client.DeliveryBatch;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.DestinationKind;
import io.penstock.jms.client.OffsetsByPartition;
import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.client.Reconnection;
import io.penstock.jms.client.SessionState;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Subscription;
import io.penstock.jms.client.Target;
import io.penstock.jms.message.Acknowledger;
import io.penstock.jms.message.DeserializationPolicy;
import io.penstock.protocol.name.TemporaryName;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An engine without a broker: it writes down what it is told and delivers what the test says. */
final class FakeEngine implements ClientEngine {
    final List<String> log = Collections.synchronizedList(new ArrayList<>());
    final List<FakeSession> sessions = new ArrayList<>();
    final List<FakeConsumer> consumers = new ArrayList<>();
    ConnectionObserver observer;
    volatile JMSException commitFailure;
    /** What ends of prepared branches are answered with. */
    volatile ClientBranches.Outcome endOutcome = ClientBranches.Outcome.DONE;

    volatile JMSException endFailure;
    final List<BranchXid> prepared = Collections.synchronizedList(new ArrayList<>());
    volatile boolean holdSends;
    /** When attachments are answered, if not at once. */
    volatile CompletableFuture<Void> heldAttach;

    volatile boolean interrupted;
    final List<CompletableFuture<Void>> heldSends = Collections.synchronizedList(new ArrayList<>());
    private final ScheduledExecutorService engineThread = new ScheduledThreadPoolExecutor(1, task -> {
        Thread thread = new Thread(task, "fake-engine");
        thread.setDaemon(true);
        return thread;
    });

    @Override
    public ClientConnection connect(ConnectionSettings settings, ConnectionObserver newObserver) {
        observer = newObserver;
        return new FakeConnection();
    }

    PenstockConnection connection() throws JMSException {
        return connection(
                new SessionOptions(new Prefetch(10, 100_000), true, true, null, false, DeserializationPolicy.STRICT),
                Domain.ANY);
    }

    PenstockConnection connection(SessionOptions options, Domain domain) throws JMSException {
        ConnectionSettings settings =
                new ConnectionSettings(List.of(), null, null, null, 1000, 5000, 1_000_000, 1, Reconnection.NONE, false);
        return PenstockConnection.open(this, settings, options, domain);
    }

    PenstockXAConnection xaConnection() throws JMSException {
        return PenstockXAConnection.open(
                this,
                new ConnectionSettings(List.of(), null, null, null, 1000, 5000, 1_000_000, 1, Reconnection.NONE, false),
                new SessionOptions(new Prefetch(10, 100_000), true, true, null, false, DeserializationPolicy.STRICT),
                Domain.ANY);
    }

    /** What was settled, marked and released, in order; without credit. */
    /** Behind what was pushed before. */
    void answerAttach() {
        engineThread.execute(() -> heldAttach.complete(null));
    }

    List<String> words() {
        synchronized (log) {
            return log.stream().filter(line -> !line.startsWith("credit")).toList();
        }
    }

    record FakeTarget(String name, DestinationKind kind) implements Target {
        @Override
        public boolean isValid() {
            return true;
        }
    }

    /** The same queue of another engine is another one. */
    record FakeSource(FakeEngine engine, String name) {}

    record FakeSubscription(String name, Target topic) implements Subscription {}

    private final AtomicInteger temporaries = new AtomicInteger();

    private final class FakeConnection implements ClientConnection {
        @Override
        public void identify(String clientId) {
            log.add("identify " + clientId);
        }

        @Override
        public CompletableFuture<Target> resolve(String name, DestinationKind kind, int partitions) {
            return CompletableFuture.completedFuture(new FakeTarget(name, kind));
        }

        @Override
        public CompletableFuture<Subscription> subscribeDurable(
                String name, Target topic, String selector, boolean noLocal, boolean shared) {
            log.add("subscribe " + name);
            return CompletableFuture.completedFuture(new FakeSubscription(name, topic));
        }

        @Override
        public Subscription sharedSubscription(String name, Target topic) {
            return new FakeSubscription(name, topic);
        }

        @Override
        public CompletableFuture<String> createTemporary(DestinationKind kind) {
            String name = new TemporaryName(1, temporaries.incrementAndGet()).text();
            log.add("create " + name);
            return CompletableFuture.completedFuture(name);
        }

        @Override
        public CompletableFuture<Void> deleteTemporary(String name) {
            log.add("delete " + name);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Void> unsubscribe(String name) {
            log.add("unsubscribe " + name);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public ClientSession openSession(SessionState state) {
            FakeSession session = new FakeSession(sessions.size() + 1, state);
            sessions.add(session);
            return session;
        }

        @Override
        public ClientBranches branches() {
            return new ClientBranches() {
                @Override
                public CompletableFuture<Outcome> end(BranchXid xid, End end) {
                    log.add(end + " " + xid);
                    return endFailure == null
                            ? CompletableFuture.completedFuture(endOutcome)
                            : CompletableFuture.failedFuture(endFailure);
                }

                @Override
                public CompletableFuture<List<BranchXid>> list() {
                    return endFailure == null
                            ? CompletableFuture.completedFuture(List.copyOf(prepared))
                            : CompletableFuture.failedFuture(endFailure);
                }
            };
        }

        @Override
        public String token() {
            return "fake";
        }

        @Override
        public void later(Runnable task, long delayMillis) {
            var unused = engineThread.schedule(task, delayMillis, TimeUnit.MILLISECONDS);
        }

        @Override
        public Clock clock() {
            return new Clock() {
                @Override
                public long wallMillis() {
                    return System.currentTimeMillis();
                }

                @Override
                public long nanos() {
                    return System.nanoTime();
                }
            };
        }

        @Override
        public int callTimeoutMillis() {
            return 5000;
        }

        @Override
        public boolean isInterrupted() {
            return interrupted;
        }

        @Override
        public long answerDueNanos(long askedNanos) {
            return (interrupted ? clock().nanos() : askedNanos) + TimeUnit.SECONDS.toNanos(5);
        }

        @Override
        public void closing() {
            log.add("closing connection");
            failHeldSends();
        }

        @Override
        public CompletableFuture<Void> close() {
            log.add("close connection");
            return CompletableFuture.completedFuture(null);
        }
    }

    /** A session that writes down. */
    final class FakeSession implements ClientSession {
        private final int id;
        final SessionState state;
        private int staged;

        FakeSession(int id, SessionState state) {
            this.id = id;
            this.state = state;
        }

        @Override
        public CompletableFuture<Void> send(Target target, OutgoingMessage message) {
            log.add("send to " + target.name());
            if (holdSends) {
                CompletableFuture<Void> held = new CompletableFuture<>();
                heldSends.add(held);
                return held;
            }
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void stage(Target target, OutgoingMessage message) {
            staged++;
        }

        @Override
        public void discardStaged() {
            staged = 0;
        }

        @Override
        public CompletableFuture<Void> commit(Settlements settlements) {
            log.add("commit " + staged + " sends" + text(settlements));
            staged = 0;
            return commitFailure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(commitFailure);
        }

        @Override
        public ClientBranch openBranch() {
            return new FakeBranch();
        }

        @Override
        public CompletableFuture<Void> settle(Settlements settlements, Confirmation confirmation) {
            log.add(confirmation + text(settlements));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<ClientConsumer> attach(ConsumerRequest request, DeliverySink sink) {
            Object source = new FakeSource(FakeEngine.this, request.target().name());
            FakeConsumer consumer = new FakeConsumer(consumers.size() + 1, source, sink);
            consumers.add(consumer);
            if (heldAttach != null) {
                return heldAttach.thenApply(nothing -> consumer);
            }
            return CompletableFuture.completedFuture(consumer);
        }

        @Override
        public void closing() {
            failHeldSends();
        }

        @Override
        public CompletableFuture<Void> close(Settlements lastWords) {
            log.add("close session " + id + text(lastWords));
            return CompletableFuture.completedFuture(null);
        }
    }

    /** A branch's sends, counted. */
    private final class FakeBranch implements ClientBranch {
        private int staged;

        @Override
        public void stage(Target target, OutgoingMessage message) {
            staged++;
        }

        @Override
        public boolean isEmpty() {
            return staged == 0;
        }

        @Override
        public void discard() {
            log.add("discard " + staged + " sends");
            staged = 0;
        }

        @Override
        public CompletableFuture<Void> prepare(BranchXid xid, Settlements accepted) {
            return phase("prepare " + xid + " ", accepted);
        }

        @Override
        public CompletableFuture<Void> commit(Settlements accepted) {
            return phase("commit ", accepted);
        }

        private CompletableFuture<Void> phase(String what, Settlements accepted) {
            log.add(what + staged + " sends" + text(accepted));
            staged = 0;
            return commitFailure == null
                    ? CompletableFuture.completedFuture(null)
                    : CompletableFuture.failedFuture(commitFailure);
        }

        @Override
        public void ended(boolean committed) {
            log.add("ended " + committed);
        }
    }

    /** While the connection is interrupted, whoever closes does not wait for sends. */
    private void failHeldSends() {
        if (interrupted) {
            List.copyOf(heldSends).forEach(held -> held.completeExceptionally(new JMSException("closed meanwhile")));
        }
    }

    private static String text(Settlements settlements) {
        StringBuilder text = new StringBuilder();
        for (Settlements.Entry entry : settlements.entries()) {
            text.append(' ')
                    .append(entry.outcome())
                    .append(' ')
                    .append(entry.consumerId())
                    .append(entry.ranges());
        }
        return text.toString();
    }

    /** A consumer that the test feeds. */
    final class FakeConsumer implements ClientConsumer {
        private final int id;
        private final Object source;
        private final DeliverySink sink;
        private long nextOffset;
        volatile Runnable onDrain = () -> {};
        volatile Runnable onDetach = () -> {};

        FakeConsumer(int id, Object source, DeliverySink sink) {
            this.id = id;
            this.source = source;
            this.sink = sink;
        }

        void push(String... bodies) {
            push(1, 0, true, bodies);
        }

        void push(int deliveryCount, long expiration, boolean persistent, String... bodies) {
            List<Delivery> deliveries = new ArrayList<>();
            for (String body : bodies) {
                deliveries.add(new FakeDelivery(nextOffset++, deliveryCount, expiration, persistent, body));
            }
            engineThread.execute(() -> sink.delivered(new FakeBatch(deliveries)));
        }

        void fail(JMSException cause) {
            engineThread.execute(() -> sink.failed(cause));
        }

        @Override
        public int id() {
            return id;
        }

        @Override
        public Object source() {
            return source;
        }

        @Override
        public void credit(int messages, int bytes) {
            log.add("credit " + id + " " + messages);
        }

        @Override
        public CompletableFuture<Void> drain() {
            onDrain.run();
            CompletableFuture<Void> drained = new CompletableFuture<>();
            engineThread.execute(() -> drained.complete(null));
            return drained;
        }

        @Override
        public CompletableFuture<Void> detach(OffsetsByPartition neverHandedOut) {
            log.add("detach " + id + " " + neverHandedOut);
            onDetach.run();
            CompletableFuture<Void> detached = new CompletableFuture<>();
            engineThread.execute(() -> detached.complete(null));
            return detached;
        }
    }

    private static final class FakeBatch implements DeliveryBatch {
        private final List<Delivery> left;

        FakeBatch(List<Delivery> deliveries) {
            this.left = new ArrayList<>(deliveries);
        }

        @Override
        public int remaining() {
            return left.size();
        }

        @Override
        public int sizeBytes() {
            return 100;
        }

        @Override
        public Delivery next() {
            return left.isEmpty() ? null : left.remove(0);
        }
    }

    private record FakeDelivery(long offset, int deliveryCount, long expiration, boolean persistent, String body)
            implements Delivery {
        @Override
        public int partition() {
            return 0;
        }

        @Override
        public Message message(int count, Acknowledger acknowledger) throws JMSException {
            return FakeMessages.received(body, count, persistent, acknowledger);
        }
    }
}
