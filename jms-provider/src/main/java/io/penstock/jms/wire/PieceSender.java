package io.penstock.jms.wire;

import io.penstock.jms.message.EncodedBody;
import io.penstock.jms.message.SentBody;
import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.message.DropPiecesRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendPieceRequest;
import io.penstock.protocol.message.SendPieceResponse;
import io.penstock.protocol.record.MessagePiece;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

/**
 * Sends the bodies of a session's large messages, in pieces before their heads, a few at a time. What is lost with a socket
 * is sent again: a piece that lies there twice is of no harm, since the head names one of them. The session's thread, which
 * waits.
 */
final class PieceSender {
    /** A body of this length or longer does not travel in the message's own record. */
    static final int LARGE_FROM_BYTES = 1_000_000;

    private static final int UNDER_WAY_MAX = 4;

    /** Pieces whose head waits for its transaction. */
    private record Staged(UUID topicId, int partition, UUID message) {}

    private final WireConnection connection;
    private final int sessionId;
    private final List<Staged> staged = new ArrayList<>();

    PieceSender(WireConnection connection, int sessionId) {
        this.connection = connection;
        this.sessionId = sessionId;
    }

    /** Before anything is sent. */
    private void check(WireTarget target, int bytes) throws JMSException {
        int bytesMax = connection.bodyBytesMax();
        if (bytes > bytesMax) {
            throw new ResourceAllocationException(
                    "sending to " + target.name() + ": the body has " + bytes + " bytes, the broker takes at most "
                            + bytesMax + " (its setting large.message.max.bytes)",
                    "LIMIT_EXCEEDED");
        }
    }

    /** Sends a body that its head follows at once: who waits for the head waits for the pieces. */
    SentBody send(WireTarget target, int partition, EncodedBody body) throws JMSException {
        return send(target, partition, body, SendDurability.MEMORY);
    }

    /** Sends a body whose head is sent by the transaction's commit: when this returns, the pieces are stored. */
    SentBody stage(WireTarget target, int partition, EncodedBody body) throws JMSException {
        SentBody sent = send(target, partition, body, SendDurability.TOPIC);
        synchronized (this) {
            staged.add(new Staged(target.topicId(), partition, sent.head().message()));
        }
        return sent;
    }

    private SentBody send(WireTarget target, int partition, EncodedBody body, SendDurability last) throws JMSException {
        String what = "sending the body of a large message to " + target.name();
        ByteBuffer bytes = body.bytes().duplicate();
        check(target, bytes.remaining());
        UUID message = UUID.randomUUID();
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        int size = bytes.remaining();
        long[] offsets = new long[MessagePiece.count(size)];
        ArrayDeque<CompletableFuture<SendPieceResponse>> underWay = new ArrayDeque<>();
        int answered = 0;
        try {
            for (int i = 0; i < offsets.length; i++) {
                if (underWay.size() == UNDER_WAY_MAX) {
                    offsets[answered++] =
                            connection.await(underWay.poll(), what).offset();
                }
                int length = Math.min(MessagePiece.BODY_BYTES, bytes.remaining());
                ByteBuffer piece = MessagePiece.value(message, i, bytes.slice(bytes.position(), length));
                bytes.position(bytes.position() + length);
                SendDurability durability = i == offsets.length - 1 ? last : SendDurability.MEMORY;
                underWay.add(connection.call(
                        PenstockApi.SEND_PIECE,
                        new SendPieceRequest(sessionId, target.topicId(), partition, durability, size, piece),
                        SendPieceResponse::read,
                        what));
            }
            while (!underWay.isEmpty()) {
                offsets[answered++] = connection.await(underWay.poll(), what).offset();
            }
        } catch (JMSException e) {
            drop(new Staged(target.topicId(), partition, message));
            throw e;
        }
        return new SentBody(new LargeHead(message, size, (int) crc.getValue(), offsets), body.types());
    }

    /** The heads that were staged go with their commit. */
    synchronized void committing() {
        staged.clear();
    }

    /** The heads that were staged will not be sent. */
    void discardStaged() {
        List<Staged> all;
        synchronized (this) {
            all = List.copyOf(staged);
            staged.clear();
        }
        all.forEach(this::drop);
    }

    /** Nobody waits for the answer: the pieces go with the session at the latest. */
    private void drop(Staged pieces) {
        var unused = connection.call(
                PenstockApi.DROP_PIECES,
                new DropPiecesRequest(sessionId, pieces.topicId, pieces.partition, pieces.message),
                Calls::nothing,
                "giving up pieces");
    }
}
