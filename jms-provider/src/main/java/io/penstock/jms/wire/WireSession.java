package io.penstock.jms.wire;

import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Confirmation;
import io.penstock.jms.client.ConsumerRequest;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.DestinationKind;
import io.penstock.jms.client.HandOutMemory;
import io.penstock.jms.client.OffsetRanges;
import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Target;
import io.penstock.jms.transport.ConnectionLostException;
import io.penstock.jms.transport.FrameBody;
import io.penstock.jms.transport.RemoteErrorException;
import io.penstock.jms.transport.Transport;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachResponse;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.CloseSessionRequest;
import io.penstock.protocol.message.CommitRequest;
import io.penstock.protocol.message.CommitResponse;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.SettleRequest;
import io.penstock.protocol.message.Settlement;
import io.penstock.protocol.record.KeyHash;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** A session of the private protocol. */
final class WireSession implements ClientSession {

    private record Place(UUID topicId, int partition) {}

    private record Group(UUID topicId, String groupId, long incarnation) {}

    private final WireConnection connection;
    private final int id;
    /** Which partition is the session's own, modulo their number. */
    private final int turn;

    private final Map<Place, PartitionSender> senders = new HashMap<>();
    private final StagedSends staged;
    private final AtomicLong lastSequence = new AtomicLong();
    private final UnconfirmedSettlements unconfirmed = new UnconfirmedSettlements();
    private volatile boolean spoken;

    WireSession(WireConnection connection, int id, int turn) {
        this.connection = connection;
        this.id = id;
        this.turn = turn;
        this.staged = new StagedSends(connection, connection.transactionBytesMax());
    }

    int id() {
        return id;
    }

    // ---- sending

    @Override
    public CompletableFuture<Void> send(Target target, OutgoingMessage message) throws JMSException {
        WireTarget to = (WireTarget) target;
        return sender(to, partition(to, message)).send(message);
    }

    private PartitionSender sender(WireTarget target, int partition) {
        spoken = true;
        synchronized (senders) {
            return senders.computeIfAbsent(
                    new Place(target.topicId(), partition),
                    place -> new PartitionSender(connection, id, target, partition));
        }
    }

    /** By hand, else by group as Kafka hashes keys, else the session's own (rule 7). */
    private int partition(WireTarget target, OutgoingMessage message) throws JMSException {
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
        connection.transport().readUntil(done, timeoutNanos, connection.pushesOnlyTo(id));
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
        staged.add(to, partition(to, message), message);
    }

    @Override
    public void discardStaged() {
        staged.discard();
    }

    @Override
    public CompletableFuture<Void> commit(Settlements settlements) {
        if (staged.isEmpty() && settlements.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        if (staged.isTooLarge()) {
            staged.discard();
            return CompletableFuture.failedFuture(new TransactionRolledBackException(
                    "the transaction was rolled back: a send did not fit into it", "LIMIT_EXCEEDED"));
        }
        spoken = true;
        StagedSends.Commit sends = staged.beginCommit();
        CommitRequest request = new CommitRequest(
                id, lastSequence.incrementAndGet(), sends.entries(), marks(settlements), settlementsOf(settlements));
        CompletableFuture<Void> committed = new CompletableFuture<>();
        connection
                .transport()
                .request(PenstockApi.COMMIT.key(), (short) 0, Calls.body(request))
                .whenComplete((body, failure) -> {
                    try {
                        if (failure == null) {
                            CommitResponse.read(body, (short) 0);
                            sends.committed();
                            committed.complete(null);
                            return;
                        }
                        JMSException problem = ErrorTable.ofCommit(failure);
                        if (problem instanceof TransactionRolledBackException) {
                            sends.rolledBack();
                        }
                        committed.completeExceptionally(problem);
                    } catch (RuntimeException e) {
                        committed.completeExceptionally(ErrorTable.translate(e, "committing"));
                    }
                });
        return committed;
    }

    // ---- receiving

    @Override
    public CompletableFuture<ClientConsumer> attach(ConsumerRequest request, DeliverySink sink) {
        WireTarget target = (WireTarget) request.target();
        WireSubscription subscription = (WireSubscription) request.subscription();
        WireConsumer consumer = connection.newConsumer(id, target, place(target, subscription), sink);
        spoken = true;
        AttachRequest attach = new AttachRequest(
                id,
                consumer.id(),
                target.topicId(),
                List.of(),
                source(target, subscription),
                subscription == null ? null : subscription.groupId(),
                subscription == null ? 0 : subscription.incarnation(),
                null,
                request.noLocal(),
                false,
                request.creditMessages(),
                request.creditBytes());
        return Calls.call(
                        connection.transport(),
                        PenstockApi.ATTACH,
                        attach,
                        AttachResponse::read,
                        "creating a consumer of " + target.name())
                .handle((response, failure) -> attached(consumer, target, failure));
    }

    private ClientConsumer attached(WireConsumer consumer, WireTarget target, Throwable failure) {
        if (failure == null) {
            return consumer;
        }
        connection.forget(consumer);
        JMSException problem = ErrorTable.translate(failure, "creating a consumer of " + target.name());
        if (problem instanceof InvalidDestinationException) {
            target.invalidate();
        }
        throw new java.util.concurrent.CompletionException(problem);
    }

    /** What a queue or a durable subscription is in the whole process; null for a non-durable one. */
    private static Object place(WireTarget target, WireSubscription subscription) {
        if (subscription != null) {
            return new Group(target.topicId(), subscription.groupId(), subscription.incarnation());
        }
        return target.kind() == DestinationKind.QUEUE ? new Group(target.topicId(), target.name(), 0) : null;
    }

    private static AttachSource source(WireTarget target, WireSubscription subscription) {
        if (target.kind() == DestinationKind.QUEUE) {
            return AttachSource.QUEUE;
        }
        return subscription == null ? AttachSource.NON_DURABLE : AttachSource.SUBSCRIPTION;
    }

    @Override
    public CompletableFuture<Void> settle(Settlements settlements, Confirmation confirmation) throws JMSException {
        long sequence = lastSequence.incrementAndGet();
        boolean asked = unconfirmed.add(sequence, settlements);
        boolean awaited = confirmation == Confirmation.COMMITTED;
        SettleRequest request =
                new SettleRequest(id, sequence, asked || awaited, marks(settlements), settlementsOf(settlements));
        if (asked || awaited) {
            CompletableFuture<Void> confirmed = confirmed(sequence, settlements, request, confirmation);
            if (awaited) {
                return confirmed;
            }
            confirmed.whenComplete((nothing, failure) -> reportRefusal(failure));
            return CompletableFuture.completedFuture(null);
        }
        try {
            connection
                    .transport()
                    .oneWay(
                            PenstockApi.SETTLE.key(),
                            (short) 0,
                            Calls.body(request),
                            confirmation == Confirmation.ON_SOCKET);
        } catch (ConnectionLostException e) {
            connectionLost();
            throw ErrorTable.translate(e, "acknowledging");
        }
        return CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> confirmed(
            long sequence, Settlements settlements, SettleRequest request, Confirmation confirmation) {
        Transport transport = connection.transport();
        short key = PenstockApi.SETTLE.key();
        FrameBody body = Calls.body(request);
        CompletableFuture<ByteBuffer> reply = confirmation == Confirmation.COMMITTED
                ? transport.request(key, (short) 0, body)
                : transport.requestUnhurried(key, (short) 0, body, confirmation == Confirmation.ON_SOCKET);
        return Calls.<Void>reply(reply, Calls::nothing, "acknowledging").whenComplete((nothing, failure) -> {
            if (failure == null) {
                HandOutMemory.PROCESS.confirmed(unconfirmed.confirmed(sequence, settlements));
            } else if (isRefusal(failure)) {
                // The messages are not the session's any more, and will come again.
                HandOutMemory.PROCESS.remember(settlements, connection.clock());
                unconfirmed.forget(sequence);
            }
        });
    }

    private static boolean isRefusal(Throwable failure) {
        return failure instanceof JMSException problem && problem.getCause() instanceof RemoteErrorException;
    }

    private void reportRefusal(Throwable failure) {
        if (failure != null && isRefusal(failure)) {
            connection.report((JMSException) failure);
        }
    }

    /** The connection is gone: what may not have reached the broker, or its disk, is remembered beyond it. */
    void connectionLost() {
        unconfirmed.takeAll().forEach(settlements -> HandOutMemory.PROCESS.remember(settlements, connection.clock()));
    }

    private static List<Mark> marks(Settlements settlements) {
        List<Mark> marks = List.of();
        for (Settlements.Entry entry : settlements.entries()) {
            if (entry.outcome() == Settlements.Outcome.MARKED) {
                marks = marks.isEmpty() ? new ArrayList<>() : marks;
                marks.add(new Mark(entry.consumerId(), entry.partition(), ranges(entry.ranges())));
            }
        }
        return marks;
    }

    private static List<Settlement> settlementsOf(Settlements settlements) {
        List<Settlement> result = new ArrayList<>(settlements.entries().size());
        for (Settlements.Entry entry : settlements.entries()) {
            if (entry.outcome() != Settlements.Outcome.MARKED) {
                result.add(new Settlement(
                        entry.consumerId(), entry.partition(), disposition(entry.outcome()), ranges(entry.ranges())));
            }
        }
        return result;
    }

    private static Disposition disposition(Settlements.Outcome outcome) {
        return switch (outcome) {
            case ACCEPTED -> Disposition.ACCEPT;
            case RELEASED -> Disposition.RELEASE;
            case RELEASED_COUNTED -> Disposition.RELEASE_COUNTED;
            case MARKED -> throw new IllegalArgumentException("a mark settles nothing");
        };
    }

    static List<OffsetRange> ranges(OffsetRanges ranges) {
        if (ranges.size() == 1) {
            return List.of(new OffsetRange(ranges.first(0), ranges.last(0))); // AUTO: a frame for each message.
        }
        List<OffsetRange> result = new ArrayList<>(ranges.size());
        for (int i = 0; i < ranges.size(); i++) {
            result.add(new OffsetRange(ranges.first(i), ranges.last(i)));
        }
        return result;
    }

    // ---- ending

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
                        connectionLost();
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
            SettleRequest request = new SettleRequest(
                    id, lastSequence.incrementAndGet(), true, marks(lastWords), settlementsOf(lastWords));
            settled = Calls.call(connection.transport(), PenstockApi.SETTLE, request, Calls::nothing, "acknowledging");
        }
        CompletableFuture<Void> ended = Calls.call(
                connection.transport(),
                PenstockApi.CLOSE_SESSION,
                new CloseSessionRequest(id, List.of()),
                Calls::nothing,
                "closing the session");
        return CompletableFuture.allOf(settled, ended);
    }
}
