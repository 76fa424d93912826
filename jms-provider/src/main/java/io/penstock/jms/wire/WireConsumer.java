package io.penstock.jms.wire;

import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.OffsetsByPartition;
import io.penstock.jms.transport.ConnectionLostException;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachResponse;
import io.penstock.protocol.message.ConsumerErrorPush;
import io.penstock.protocol.message.CreditRequest;
import io.penstock.protocol.message.DeliverPush;
import io.penstock.protocol.message.DetachRequest;
import io.penstock.protocol.message.PartitionRanges;
import io.penstock.protocol.message.PenstockApi;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An attached consumer. Pushes come on the event loop, the rest from any thread. */
final class WireConsumer implements ClientConsumer {
    private final WireConnection connection;
    private final int sessionId;
    private final int id;
    private final WireTarget target;
    private final Object source;
    private final AttachRequest request;
    private final DeliverySink sink;
    private final AtomicInteger lastDrain = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Void>> drains = new ConcurrentHashMap<>();
    /** Nothing comes any more, the end of a drain neither. */
    private volatile boolean ended;

    private volatile List<Integer> partitions = List.of();

    WireConsumer(
            WireConnection connection, AttachRequest request, WireTarget target, Object source, DeliverySink sink) {
        this.connection = connection;
        this.request = request;
        this.sessionId = request.sessionId();
        this.id = request.consumerId();
        this.target = target;
        this.source = source;
        this.sink = sink;
    }

    @Override
    public int id() {
        return id;
    }

    @Override
    public Object source() {
        return source;
    }

    void delivered(DeliverPush push) {
        sink.delivered(new PushedBatch(target, push));
    }

    void drained(int drainId) {
        CompletableFuture<Void> drain = drains.remove(drainId);
        if (drain != null) {
            drain.complete(null);
        }
    }

    void failed(ConsumerErrorPush push) {
        fail(ErrorTable.of(push.error(), "the consumer of " + target.name() + " has ended: " + push.message()));
    }

    AttachRequest request() {
        return request;
    }

    WireTarget target() {
        return target;
    }

    /** The same once more, after an interruption; messages are let in when the session is as it was. */
    AttachRequest again() {
        return new AttachRequest(
                request.sessionId(),
                request.consumerId(),
                request.topicId(),
                request.partitions(),
                request.source(),
                request.groupId(),
                request.incarnation(),
                request.selector(),
                request.noLocal(),
                request.browse(),
                0,
                0);
    }

    /** The partitions that the broker serves it; what was handed out is of these. */
    List<Integer> partitions() {
        return partitions;
    }

    void attached(AttachResponse response) {
        partitions = response.partitions();
    }

    boolean hasEnded() {
        return ended;
    }

    /**
     * The socket is gone, and with it what was on it: nothing more comes to who waits for the end of a drain. A look
     * through a queue begins anew, and its end is waited for.
     */
    void interrupted() {
        if (!request.browse()) {
            endDrains();
        }
    }

    /** The connection is there again, and so are the credit of the beginning and what was asked for. */
    void letIn() {
        credit(request.creditMessages(), request.creditBytes());
        for (int drainId : drains.keySet()) {
            askForDrain(drainId);
        }
    }

    /** It could not be attached again. */
    void notRestored(JMSException cause) {
        fail(cause);
    }

    /** Ends what waits; the connection tells the session itself. */
    void connectionLost(JMSException cause) {
        failDrains(cause);
    }

    private void fail(JMSException cause) {
        connection.consumers().forget(this);
        ended = true;
        failDrains(cause);
        sink.failed(cause);
    }

    private void failDrains(JMSException cause) {
        for (Integer drainId : drains.keySet()) {
            CompletableFuture<Void> drain = drains.remove(drainId);
            if (drain != null) {
                drain.completeExceptionally(cause);
            }
        }
    }

    /** The consumer or its session is closed: who waits for a drain has nothing to wait for. */
    void end() {
        ended = true;
        endDrains();
    }

    private void endDrains() {
        for (Integer drainId : drains.keySet()) {
            drained(drainId);
        }
    }

    @Override
    public void credit(int messages, int bytes) {
        try {
            send(new CreditRequest(id, messages, bytes, 0));
        } catch (ConnectionLostException e) {
            // The connection's observer is told of it.
        }
    }

    @Override
    public CompletableFuture<Void> drain() {
        int drainId = lastDrain.incrementAndGet();
        CompletableFuture<Void> drained = new CompletableFuture<>();
        drains.put(drainId, drained);
        connection.transport().readByLoop();
        askForDrain(drainId);
        // Whatever there is will be pushed when the connection is there again.
        if (ended || (connection.isInterrupted() && !request.browse())) {
            endDrains();
        }
        return drained;
    }

    private void askForDrain(int drainId) {
        try {
            send(new CreditRequest(id, 0, 0, drainId));
        } catch (ConnectionLostException e) {
            CompletableFuture<Void> drain = connection.outage().willEnd() ? null : drains.remove(drainId);
            if (drain != null) {
                drain.completeExceptionally(ErrorTable.translate(e, "asking for messages of " + target.name()));
            }
        }
    }

    private void send(CreditRequest request) throws ConnectionLostException {
        connection.transport().oneWay(PenstockApi.CREDIT.key(), (short) 0, Calls.body(request), false);
    }

    @Override
    public CompletableFuture<Void> detach(OffsetsByPartition neverHandedOut) {
        end();
        List<PartitionRanges> release = new ArrayList<>();
        neverHandedOut
                .ranges()
                .forEach((partition, ranges) ->
                        release.add(new PartitionRanges(partition, SettlementCodec.ranges(ranges))));
        return connection
                .<Void>call(
                        PenstockApi.DETACH,
                        new DetachRequest(sessionId, id, release),
                        Calls::nothing,
                        "closing a consumer of " + target.name())
                .whenComplete((nothing, failure) -> connection.detached(this));
    }
}
