package io.penstock.jms.wire;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.ClientBranch;
import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Confirmation;
import io.penstock.jms.client.ConsumerRequest;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.DestinationKind;
import io.penstock.jms.client.HandOutMemory;
import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.client.SessionState;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Target;
import io.penstock.jms.message.EncodedBody;
import io.penstock.jms.message.PenstockMessage;
import io.penstock.jms.transport.ConnectionLostException;
import io.penstock.jms.transport.FrameBody;
import io.penstock.jms.transport.RemoteErrorException;
import io.penstock.jms.transport.Transport;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachResponse;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.CloseSessionRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SettleRequest;
import io.penstock.protocol.record.KeyHash;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** A session of the private protocol. */
final class WireSession implements ClientSession {

    private static final int SPARE_SENDS_MAX = 16;

    /** As many as the broker remembers. */
    private static final int CLOSED_MAX = 1_000;

    private static final int TEMPORARY_SENDERS_MAX = 64;
    private static final String PIECES_GONE = PenstockError.PIECES_GONE.name();
    /** Of a large message whose pieces a broker has lost before its head came. */
    private static final int LARGE_ATTEMPTS_MAX = 5;

    private record Place(UUID topicId, int partition) {}

    private record Group(UUID topicId, String groupId, long incarnation) {}

    private final WireConnection connection;
    private final int id;
    /** Which partition is the session's own, modulo their number. */
    private final int turn;

    private final Map<Place, PartitionSender> senders = new HashMap<>();
    /** Those of temporary destinations, oldest first. */
    private final Set<Place> temporaryPlaces = new LinkedHashSet<>();

    private final StagedSends staged;
    private final PieceSender pieces;
    private final AtomicLong lastSequence = new AtomicLong();
    private final SessionState state;
    /** Settlements and commits leave in the order of their sequences. */
    private final Object order = new Object();

    private final UnconfirmedSettlements unconfirmed = new UnconfirmedSettlements();
    // What replies change is changed without the order: who restores the session holds it, and waits for replies.
    private final Set<WireConsumer> attached = ConcurrentHashMap.newKeySet();
    /** Consumers whose Attach has had no answer yet. */
    private final Map<WireConsumer, CompletableFuture<AttachResponse>> attaching = new ConcurrentHashMap<>();

    private final Deque<WireConsumer> closed = new ConcurrentLinkedDeque<>();
    private final SessionCommits commits = new SessionCommits(this);
    /** Without sends, but with producers, for the next branches. */
    private final Deque<StagedSends> spareSends = new ConcurrentLinkedDeque<>();

    private final List<WireConsumer> withoutCredit = new ArrayList<>();
    /** The new socket while the connection as a whole is not yet on it, else null. */
    private volatile Transport restored;

    private volatile boolean spoken;

    WireSession(WireConnection connection, SessionState state, int id, int turn) {
        this.connection = connection;
        this.state = state;
        this.id = id;
        this.turn = turn;
        this.staged = new StagedSends(connection, connection.transactionBytesMax());
        this.pieces = new PieceSender(connection, id);
    }

    int id() {
        return id;
    }

    // ---- sending

    @Override
    public CompletableFuture<Void> send(Target target, OutgoingMessage message) throws JMSException {
        WireTarget to = (WireTarget) target;
        int partition = partition(to, message);
        EncodedBody large = large(to, message);
        return large == null ? sender(to, partition).send(message) : sendLarge(to, partition, message, large);
    }

    /** The body when it is to travel in pieces, else null. What is temporary lies in memory, as one record. */
    private static EncodedBody large(WireTarget target, OutgoingMessage message) throws JMSException {
        return target.isTemporary()
                ? null
                : ((PenstockMessage) message.message()).largeBody(PieceSender.LARGE_FROM_BYTES);
    }

    /** Returns when the message is stored, whatever its mode: in a broker that was restarted its pieces may be missing. */
    private CompletableFuture<Void> sendLarge(
            WireTarget target, int partition, OutgoingMessage message, EncodedBody body) throws JMSException {
        for (int attempt = 1; ; attempt++) {
            CompletableFuture<Void> sent =
                    sender(target, partition).send(message.with(pieces.send(target, partition, body)));
            try {
                connection.await(sent, "sending to " + target.name());
                return sent;
            } catch (JMSException e) {
                if (!PIECES_GONE.equals(e.getErrorCode()) || attempt == LARGE_ATTEMPTS_MAX) {
                    throw e;
                }
            }
        }
    }

    /** Of the temporary destinations that were sent to, the oldest with nothing under way. */
    private void forgetTemporary() {
        if (temporaryPlaces.size() < TEMPORARY_SENDERS_MAX) {
            return;
        }
        Iterator<Place> oldest = temporaryPlaces.iterator();
        while (oldest.hasNext()) {
            Place place = oldest.next();
            if (senders.get(place).isIdle()) {
                senders.remove(place);
                oldest.remove();
                return;
            }
        }
    }

    private PartitionSender sender(WireTarget target, int partition) {
        spoken = true;
        synchronized (senders) {
            if (target.isTemporary() && !senders.containsKey(new Place(target.topicId(), partition))) {
                forgetTemporary();
                temporaryPlaces.add(new Place(target.topicId(), partition));
            }
            return senders.computeIfAbsent(
                    new Place(target.topicId(), partition),
                    place -> new PartitionSender(connection, id, target, partition));
        }
    }

    /** By hand, else by group as Kafka hashes keys, else the session's own (rule 7). */
    int partition(WireTarget target, OutgoingMessage message) throws JMSException {
        int count = target.partitions();
        if (message.partition() != OutgoingMessage.ANY_PARTITION) {
            if (message.partition() >= count) {
                throw new InvalidDestinationException("JMS_Penstock_Partition is " + message.partition() + ", and "
                        + target.name() + " has partitions 0 to " + (count - 1));
            }
            return message.partition();
        }
        if (count == 1) {
            return 0;
        }
        return message.groupId() == null
                ? turn % count
                : KeyHash.partition(message.groupId().getBytes(StandardCharsets.UTF_8), count);
    }

    @Override
    public void readUntil(BooleanSupplier done, long timeoutNanos) {
        connection
                .transport()
                .readUntil(done, timeoutNanos, connection.consumers().areAllOf(id));
    }

    @Override
    public void readArrived() {
        connection.transport().readArrived();
    }

    @Override
    public void confirmedLater() {
        connection.transport().readByLoop();
    }

    // ---- transactions

    @Override
    public void stage(Target target, OutgoingMessage message) throws JMSException {
        WireTarget to = (WireTarget) target;
        int partition = partition(to, message);
        EncodedBody large = large(to, message);
        if (large != null) {
            spoken = true;
            staged.add(to, partition, message.with(pieces.stage(to, partition, large)));
        } else {
            staged.add(to, partition, message);
        }
    }

    @Override
    public void discardStaged() {
        staged.discard();
        pieces.discardStaged();
    }

    @Override
    public CompletableFuture<Void> commit(Settlements settlements) {
        if (staged.isEmpty() && settlements.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        if (!staged.isTooLarge()) {
            pieces.committing();
        }
        return beginCommit(staged, null, settlements).outcome();
    }

    SessionCommits.Pending beginCommit(StagedSends sends, BranchXid branch, Settlements settlements) {
        spoken = true;
        return commits.begin(sends, branch, settlements);
    }

    @Override
    public ClientBranch openBranch() {
        StagedSends spare = spareSends.poll();
        return new WireBranch(
                this, spare == null ? new StagedSends(connection, connection.transactionBytesMax()) : spare);
    }

    void branchOver(StagedSends sends) {
        if (spareSends.size() < SPARE_SENDS_MAX) {
            spareSends.add(sends);
        }
    }

    long nextSequence() {
        return lastSequence.incrementAndGet();
    }

    Object order() {
        return order;
    }

    // ---- receiving

    @Override
    public CompletableFuture<ClientConsumer> attach(ConsumerRequest request, DeliverySink sink) {
        WireTarget target = (WireTarget) request.target();
        WireSubscription subscription = (WireSubscription) request.subscription();
        spoken = true;
        AttachRequest attach = new AttachRequest(
                id,
                connection.newConsumerId(),
                target.topicId(),
                List.of(),
                source(target, subscription),
                group(subscription),
                subscription == null ? 0 : subscription.incarnation(),
                request.selector(),
                request.noLocal(),
                request.browse(),
                request.creditMessages(),
                request.creditBytes());
        WireConsumer consumer = new WireConsumer(connection, attach, target, place(target, subscription), sink);
        connection.consumers().add(consumer);
        CompletableFuture<AttachResponse> answer = new CompletableFuture<>();
        attaching.put(consumer, answer);
        CompletableFuture<ClientConsumer> result =
                answer.handle((response, failure) -> attached(consumer, target, response, failure));
        connection.attempt(
                answer, PenstockApi.ATTACH, attach, AttachResponse::read, "creating a consumer of " + target.name());
        return result;
    }

    private ClientConsumer attached(
            WireConsumer consumer, WireTarget target, AttachResponse response, Throwable failure) {
        if (failure == null) {
            consumer.attached(response);
            attached.add(consumer);
            attaching.remove(consumer);
            return consumer;
        }
        attaching.remove(consumer);
        connection.consumers().forget(consumer);
        JMSException problem = ErrorTable.translate(failure, "creating a consumer of " + target.name());
        if (problem instanceof InvalidDestinationException) {
            target.invalidate();
        }
        throw new java.util.concurrent.CompletionException(problem);
    }

    /** The consumer was detached; what it was given may still be settled. */
    void detached(WireConsumer consumer) {
        if (attached.remove(consumer)) {
            closed.add(consumer);
            if (closed.size() > CLOSED_MAX) {
                closed.poll();
            }
        }
    }

    /** What a queue or a durable subscription is in the whole process; null for a non-durable one. */
    private static Object place(WireTarget target, WireSubscription subscription) {
        if (subscription != null && !subscription.durable()) {
            return null;
        }
        if (subscription != null) {
            return new Group(target.topicId(), subscription.groupId(), subscription.incarnation());
        }
        return target.kind() == DestinationKind.QUEUE ? new Group(target.topicId(), target.name(), 0) : null;
    }

    private static AttachSource source(WireTarget target, WireSubscription subscription) {
        if (target.kind() == DestinationKind.QUEUE) {
            return AttachSource.QUEUE;
        }
        if (subscription == null) {
            return AttachSource.NON_DURABLE;
        }
        return subscription.durable() ? AttachSource.SUBSCRIPTION : AttachSource.SHARED;
    }

    private static String group(WireSubscription subscription) {
        if (subscription == null) {
            return null;
        }
        return subscription.durable() ? subscription.groupId() : subscription.name();
    }

    @Override
    public CompletableFuture<Void> settle(Settlements settlements, Confirmation confirmation) throws JMSException {
        CompletableFuture<Void> awaited = confirmation == Confirmation.COMMITTED ? new CompletableFuture<>() : null;
        synchronized (order) {
            long sequence = lastSequence.incrementAndGet();
            boolean asked = unconfirmed.add(sequence, settlements, awaited);
            SettleBody request = new SettleBody(id, sequence, asked, settlements);
            if (asked) {
                ask(sequence, settlements, awaited, request, transport(), confirmation == Confirmation.ON_SOCKET);
            } else {
                tell(request, confirmation);
            }
        }
        return awaited == null ? CompletableFuture.completedFuture(null) : awaited;
    }

    private void tell(SettleBody request, Confirmation confirmation) throws JMSException {
        try {
            transport().oneWay(PenstockApi.SETTLE.key(), (short) 0, request, confirmation == Confirmation.ON_SOCKET);
        } catch (ConnectionLostException e) {
            if (!connection.outage().willEnd()) {
                forgetAll(ErrorTable.translate(e, "acknowledging"));
                throw ErrorTable.translate(e, "acknowledging");
            }
            // Said again when the connection is there again.
        }
    }

    private void ask(
            long sequence,
            Settlements settlements,
            CompletableFuture<Void> awaited,
            FrameBody request,
            Transport to,
            boolean onSocket) {
        CompletableFuture<ByteBuffer> reply = awaited != null
                ? to.request(PenstockApi.SETTLE.key(), (short) 0, request)
                : to.requestUnhurried(PenstockApi.SETTLE.key(), (short) 0, request, onSocket);
        Calls.<Void>reply(reply, Calls::nothing, "acknowledging").whenComplete((nothing, failure) -> {
            if (failure == null) {
                HandOutMemory.PROCESS.confirmed(unconfirmed.confirmed(sequence, settlements));
            } else if (WireConnection.isLoss(failure) && connection.outage().willEnd()) {
                return; // It will be asked for.
            } else if (failure instanceof JMSException problem && problem.getCause() instanceof RemoteErrorException) {
                // The messages are not the session's any more, and will come again.
                HandOutMemory.PROCESS.remember(settlements, connection.clock());
                unconfirmed.forget(sequence);
                if (awaited == null) {
                    connection.report(problem);
                }
            }
            if (awaited != null && failure == null) {
                awaited.complete(null);
            } else if (awaited != null) {
                awaited.completeExceptionally(failure);
            }
        });
    }

    // ---- interruptions

    Transport transport() {
        Transport own = restored;
        return own == null ? connection.transport() : own;
    }

    /** The socket is gone and the next is not there: what the application has had is remembered before others can get it. */
    void interrupted() throws JMSException {
        state.interrupted();
        for (UnconfirmedSettlements.Sent sent : unconfirmed.all()) {
            HandOutMemory.PROCESS.remember(sent.settlements(), connection.clock());
        }
        Settlements committing = committing();
        if (committing != null) {
            HandOutMemory.PROCESS.remember(committing, connection.clock());
        }
    }

    /**
     * Takes the session up again over a new socket: its consumers, what it has settled and has had no answer to, what it
     * has in hand. On the outage's thread.
     *
     * @param kept the broker knows the session, from its memory or its ledgers
     */
    void restore(Transport to, boolean kept) throws JMSException {
        state.restore(held -> {
            synchronized (order) {
                return SessionRestoring.restore(this, to, kept, held);
            }
        });
    }

    /** The connection is there again: messages may come. */
    void letIn() {
        List<WireConsumer> waiting;
        synchronized (order) {
            if (restored == null) {
                presentAgain(connection.transport()); // It is younger than the outage.
            }
            restored = null;
            waiting = List.copyOf(withoutCredit);
            withoutCredit.clear();
        }
        waiting.forEach(WireConsumer::letIn);
    }

    // What SessionRestoring works on, holding the order.

    WireConnection connection() {
        return connection;
    }

    Set<WireConsumer> attached() {
        return attached;
    }

    Map<WireConsumer, CompletableFuture<AttachResponse>> attaching() {
        return attaching;
    }

    Iterable<WireConsumer> closed() {
        return closed;
    }

    List<UnconfirmedSettlements.Sent> unconfirmed() {
        return unconfirmed.all();
    }

    Settlements committing() {
        SessionCommits.Pending pending = commits.underWay();
        return pending == null ? null : pending.settlements();
    }

    void isBackOn(Transport to, List<WireConsumer> consumers) {
        restored = to;
        withoutCredit.addAll(consumers);
    }

    /** Says again, in order, what has had no answer: the broker tells what became of it. Marks are told by Hold. */
    void presentAgain(Transport to) {
        SessionCommits.Pending pending = commits.underWay();
        for (UnconfirmedSettlements.Sent sent : unconfirmed.all()) {
            if (pending != null && pending.sequence() < sent.sequence()) {
                commits.sendAgain(pending, to);
                pending = null;
            }
            SettleRequest request = new SettleRequest(
                    id, sent.sequence(), true, List.of(), SettlementCodec.settlements(sent.settlements()));
            ask(sent.sequence(), sent.settlements(), sent.awaited(), Calls.body(request), to, false);
        }
        if (pending != null) {
            commits.sendAgain(pending, to);
        }
    }

    /** Nothing of the session can be asked for any more. */
    void connectionLost(JMSException problem) {
        List<PartitionSender> all;
        synchronized (senders) {
            all = List.copyOf(senders.values());
        }
        all.forEach(sender -> sender.abandon(problem));
        forgetAll(problem);
    }

    /** What may not have reached the broker, or its disk, is remembered beyond the session; who waits is told. */
    void forgetAll(JMSException problem) {
        SessionCommits.Pending pending = commits.underWay();
        for (UnconfirmedSettlements.Sent sent : unconfirmed.takeAll()) {
            HandOutMemory.PROCESS.remember(sent.settlements(), connection.clock());
            if (sent.awaited() != null) {
                sent.awaited().completeExceptionally(problem);
            }
        }
        commits.fail(pending, problem);
    }

    // ---- ending

    @Override
    public void closing() {
        List<PartitionSender> all;
        synchronized (senders) {
            all = List.copyOf(senders.values());
        }
        all.forEach(PartitionSender::closing);
    }

    @Override
    public CompletableFuture<Void> close(Settlements lastWords) {
        List<CompletableFuture<Void>> idle = new ArrayList<>();
        synchronized (senders) {
            senders.values().forEach(sender -> idle.add(sender.idle()));
        }
        return CompletableFuture.allOf(idle.toArray(CompletableFuture[]::new))
                .thenCompose(nothing -> end(lastWords))
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        HandOutMemory.PROCESS.remember(lastWords, connection.clock());
                        forgetAll(ErrorTable.translate(failure, "closing the session"));
                    }
                    connection.ended(this);
                });
    }

    private CompletableFuture<Void> end(Settlements lastWords) {
        if (!spoken) {
            return CompletableFuture.completedFuture(null); // The broker has never heard of this session.
        }
        CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);
        if (!lastWords.isEmpty()) {
            try {
                settled = settle(lastWords, Confirmation.COMMITTED);
            } catch (JMSException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
        CompletableFuture<Void> ended = connection.call(
                PenstockApi.CLOSE_SESSION,
                new CloseSessionRequest(id, List.of()),
                Calls::nothing,
                "closing the session");
        return CompletableFuture.allOf(settled, ended);
    }
}
