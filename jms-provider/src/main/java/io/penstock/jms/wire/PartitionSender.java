package io.penstock.jms.wire;

import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.transport.Transport;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.message.SendRequest;
import io.penstock.protocol.message.SendResponse;
import io.penstock.protocol.message.SendResult;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One session's sends to one partition, in order. The first goes at once; what comes while it is under way forms the next
 * batch, which goes with the reply or when it is large.
 *
 * <p>The session's thread sends, the event loop goes on with the next batch; both under this object's monitor, so that
 * frames leave in the order of their sequence numbers. Nobody waits for a reply while holding it.
 */
final class PartitionSender {
    private static final int IN_FLIGHT_MAX = 4;
    private static final int WORTH_SENDING_BYTES = 48 * 1024;
    private static final int BATCH_BYTES = 512 * 1024;
    private static final int KEPT_BYTES = 128 * 1024;
    private static final long LOOK_MILLIS = 250;

    private final WireConnection connection;
    private final int sessionId;
    private final WireTarget target;
    private final int partition;
    private final ProducedPartition producer;
    private RecordBatchBuilder builder = new RecordBatchBuilder(4096);
    /** The batch that is being filled; null when there is none. */
    private CompletableFuture<Void> open;

    private SendDurability openDurability;
    /** The batch that is being filled holds the head of a large message, and takes nothing else. */
    private boolean openIsHead;

    /** Batches under way, in the order of their sequence numbers; what was lost with a socket is sent again. */
    private final ArrayDeque<Batch> underWay = new ArrayDeque<>();

    private final ArrayDeque<RecordBatchBuilder> spare = new ArrayDeque<>();
    private Transport transport;
    private boolean resendComes;
    private boolean closing;
    private CompletableFuture<Void> idle;

    /** A batch that was sent, with the builder that holds its bytes. */
    private static final class Batch {
        final RecordBatchBuilder builder;
        final SendRequest request;
        final CompletableFuture<Void> sent;
        Transport on;

        Batch(RecordBatchBuilder builder, SendRequest request, CompletableFuture<Void> sent) {
            this.builder = builder;
            this.request = request;
            this.sent = sent;
        }
    }

    PartitionSender(WireConnection connection, int sessionId, WireTarget target, int partition) {
        this.connection = connection;
        this.sessionId = sessionId;
        this.target = target;
        this.partition = partition;
        this.producer = new ProducedPartition(connection.producerIds());
    }

    /** The future of the batch that the message went into. */
    CompletableFuture<Void> send(OutgoingMessage message) throws JMSException {
        while (true) {
            CompletableFuture<Void> sent = add(message);
            if (sent != null) {
                return sent;
            }
            // May wait for the broker, so not under the monitor that the event loop needs.
            long producerId = connection.producerIds().take();
            synchronized (this) {
                producer.begin(producerId);
            }
        }
    }

    /** Null when a producer id is needed first. */
    private synchronized CompletableFuture<Void> add(OutgoingMessage message) throws JMSException {
        SendDurability durability = message.persistent() ? SendDurability.TOPIC : SendDurability.MEMORY;
        makeRoom(durability, message.isHead());
        if (open == null) {
            if (producer.needsId()) {
                return null;
            }
            builder.start(Compression.NONE, producer.producerId(), ProducedPartition.EPOCH, 0)
                    .plain();
            openDurability = durability;
        }
        int before = builder.sizeBytes();
        try {
            connection.encode(message, target, builder);
        } catch (JMSException | RuntimeException e) {
            builder.abandonRecord();
            throw e;
        }
        checkSize(builder.sizeBytes() - before);
        if (open == null) {
            open = new CompletableFuture<>();
        }
        if (message.isHead()) {
            builder.head();
            openIsHead = true;
        }
        CompletableFuture<Void> sent = open;
        flushIfWorth();
        return sent;
    }

    /** The broker would close the connection, with all its sessions, for a frame that is too long. */
    private void checkSize(int recordBytes) throws JMSException {
        int bytesMax = Math.max(connection.frameBytesMax() / 2, connection.frameBytesMax() - 2 * BATCH_BYTES);
        if (recordBytes > bytesMax) {
            builder.removeLastRecord();
            throw new ResourceAllocationException(
                    "sending to " + target.name() + ": the message has " + recordBytes
                            + " bytes, the broker takes at most " + bytesMax,
                    "LIMIT_EXCEEDED");
        }
    }

    /** Waits until the message may join the open batch, or that has left. */
    private void makeRoom(SendDurability durability, boolean alone) throws JMSException {
        long deadline = connection.clock().nanos() + connection.callTimeoutMillis() * 1_000_000L;
        while (open != null
                && (alone || openIsHead || openDurability != durability || builder.sizeBytes() >= BATCH_BYTES)) {
            if (underWay.size() < IN_FLIGHT_MAX) {
                flush();
            } else {
                awaitReply(deadline);
            }
        }
    }

    private void awaitReply(long deadline) throws JMSException {
        long leftMillis = (deadline - connection.clock().nanos()) / 1_000_000;
        if (leftMillis <= 0 && !connection.isInterrupted()) {
            throw new JMSException("sending to " + target.name() + ": earlier messages have not been confirmed within "
                    + connection.callTimeoutMillis() + " ms; this one was not sent");
        }
        try {
            wait(Math.max(1, Math.min(leftMillis, LOOK_MILLIS)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            JMSException interrupted = new JMSException("the sending thread was interrupted; the message was not sent");
            interrupted.setLinkedException(e);
            throw interrupted;
        }
    }

    private void flushIfWorth() {
        int batches = underWay.size();
        if (batches == 0 || (batches < IN_FLIGHT_MAX && builder.sizeBytes() >= WORTH_SENDING_BYTES)) {
            flush();
        }
    }

    private void flush() {
        int records = builder.count();
        builder.baseSequence(producer.nextSequence());
        producer.used(records);
        ByteBuffer bytes = builder.build();
        SendRequest request =
                new SendRequest(sessionId, openDurability, List.of(new SendEntry(target.topicId(), partition, bytes)));
        Batch batch = new Batch(builder, request, open);
        open = null;
        openIsHead = false;
        // The bytes stay with the batch until it is confirmed: it may have to be sent again.
        builder = spare.isEmpty() ? new RecordBatchBuilder(4096) : spare.poll();
        underWay.add(batch);
        if (transport == null) {
            transport = connection.transport();
        }
        send(batch);
    }

    private void send(Batch batch) {
        Transport on = transport;
        batch.on = on;
        on.requestUnhurried(PenstockApi.SEND.key(), (short) 0, Calls.body(batch.request), false)
                .whenComplete((body, failure) -> replied(batch, on, body, failure));
    }

    /** The same batches with the same sequence numbers, in order, before anything new: none is stored twice. */
    private synchronized void resend() {
        resendComes = false;
        transport = connection.transport();
        for (Batch batch : List.copyOf(underWay)) {
            if (batch.on != transport) {
                send(batch);
            }
        }
    }

    private void replied(Batch batch, Transport on, ByteBuffer body, Throwable failure) {
        if (failure == null || !WireConnection.isLoss(failure)) {
            finished(batch, problem(body, failure));
            return;
        }
        synchronized (this) {
            if (batch.on != on || resendComes) {
                return; // Sent again since, or soon.
            }
            resendComes = !closing;
        }
        if (!resendComes || !connection.outage().afterwards(on, this::resend)) {
            abandon(problem(body, failure));
        }
    }

    /** Nothing is under way or waits to be. */
    synchronized boolean isIdle() {
        return underWay.isEmpty() && open == null;
    }

    /** Sends that wait for the connection fail, now and from now on. */
    void closing() {
        boolean lost;
        synchronized (this) {
            closing = true;
            lost = resendComes; // The outage may be about to begin.
        }
        if (lost || connection.isInterrupted()) {
            abandon(new JMSException(
                    "sending to " + target.name()
                            + ": closed while the connection was interrupted; whether the message "
                            + "was stored is unknown",
                    "CONNECTION"));
        }
    }

    /** The connection will not be there again, or nobody waits for it. */
    void abandon(JMSException problem) {
        List<Batch> all;
        synchronized (this) {
            resendComes = false;
            all = List.copyOf(underWay);
            closing = true;
        }
        all.forEach(batch -> finished(batch, problem));
    }

    private void finished(Batch done, JMSException problem) {
        CompletableFuture<Void> batch = done.sent;
        CompletableFuture<Void> nowIdle = null;
        synchronized (this) {
            if (!underWay.remove(done)) {
                return;
            }
            if (done.request.entries().get(0).batch().remaining() <= KEPT_BYTES && spare.size() < IN_FLIGHT_MAX) {
                spare.add(done.builder);
            }
            if (problem != null) {
                producer.restart();
                if (open != null) {
                    restartOpen();
                }
            }
            if (open != null && !resendComes) {
                flushIfWorth();
            }
            notifyAll();
            if (underWay.isEmpty() && open == null && idle != null) {
                nowIdle = idle;
                idle = null;
            }
        }
        if (problem == null) {
            batch.complete(null);
        } else {
            batch.completeExceptionally(problem);
        }
        if (nowIdle != null) {
            nowIdle.complete(null);
        }
    }

    /** What waits was meant to follow what has failed, and has its producer id: it fails with it. */
    private void restartOpen() {
        CompletableFuture<Void> orphan = open;
        open = null;
        openIsHead = false;
        orphan.completeExceptionally(new JMSException(
                "sending to " + target.name() + ": an earlier message of the session has failed, and "
                        + "this one was not sent",
                "OUT_OF_ORDER_SEQUENCE"));
    }

    private JMSException problem(ByteBuffer body, Throwable failure) {
        String what = "sending to " + target.name();
        if (failure != null) {
            return ErrorTable.translate(failure, what);
        }
        try {
            SendResult result = SendResponse.read(body, (short) 0).entries().get(0);
            if (result.error() == PenstockError.NONE) {
                return null;
            }
            if (result.error() == PenstockError.UNKNOWN_DESTINATION) {
                target.invalidate();
            }
            return ErrorTable.of(
                    result.error(),
                    what + ": " + (result.message() == null ? result.error().name() : result.message()));
        } catch (RuntimeException e) {
            return ErrorTable.translate(e, what);
        }
    }

    /** Completes when nothing is under way; a failed connection fails all, so that happens. */
    synchronized CompletableFuture<Void> idle() {
        if (underWay.isEmpty() && open == null) {
            return CompletableFuture.completedFuture(null);
        }
        if (idle == null) {
            idle = new CompletableFuture<>();
        }
        return idle;
    }
}
