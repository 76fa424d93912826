package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.partition.LargeMessages;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.protocol.message.DropPiecesRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.ReadPieceRequest;
import io.penstock.protocol.message.ReadPieceResponse;
import io.penstock.protocol.message.SendDurability;
import io.penstock.protocol.message.SendPieceRequest;
import io.penstock.protocol.message.SendPieceResponse;
import io.penstock.protocol.name.TemporaryName;
import io.penstock.protocol.record.MessagePiece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/** SendPiece, ReadPiece and DropPieces: the bodies of large messages. Rule: write the topic, read it, the sender's session. */
final class PieceHandlers {
    private PieceHandlers() {}

    /** Refuses a head that cannot be appended later; its pieces are kept until it is. Owner only. */
    static void check(Partition partition, ByteBuffer batch, SessionKey sender) throws FrontException {
        try {
            partition.largeMessages().requirePieces(batch, sender);
        } catch (IOException e) {
            throw new FrontException(FrontErrors.error(e), FrontErrors.message(e));
        }
    }

    /** True when another broker leads the partition: it is asked, and its reply is the client's. */
    private static boolean isElsewhere(
            JmsCall call, CommitRoutes routes, PenstockApi api, UUID topicId, int partition, PrivateMessage request) {
        int leader = routes.leader(topicId, partition);
        if (call.connection().isRelayed() || leader == routes.self() || leader == CommitRoutes.NOBODY) {
            return false;
        }
        call.connection()
                .relays()
                .to(leader)
                .ask(api, request, reply -> call.reply(new BytesFrame(Relays.copy(reply))), call::fail);
        return true;
    }

    /** SendPiece. */
    static final class Send extends JmsHandler {
        private final Partitions partitions;
        private final CommitRoutes routes;
        private final int bodyBytesMax;
        private final io.penstock.storage.time.Clock clock;

        Send(JmsGate gate, Partitions partitions, CommitRoutes routes) {
            super(PenstockApi.SEND_PIECE, gate);
            this.routes = routes;
            this.partitions = partitions;
            this.bodyBytesMax = gate.limits().bodyBytesMax();
            this.clock = gate.clock();
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            SendPieceRequest request = SendPieceRequest.read(body, call.version());
            JmsSession session = call.connection().session(request.sessionId());
            check(request);
            if (isElsewhere(call, routes, api(), request.topicId(), request.partition(), request)) {
                return;
            }
            call.retain();
            session.sendsPieces(
                    request.topicId(),
                    request.partition(),
                    () -> partitions.with(
                            request.topicId(),
                            request.partition(),
                            partition -> partition.largeMessages().dropAll(session.key()),
                            gone -> {}));
            partitions.with(
                    request.topicId(),
                    request.partition(),
                    partition -> append(call, session, partition, request),
                    call::fail);
        }

        private void check(SendPieceRequest request) throws FrontException {
            if (request.bodyBytes() <= 0 || request.bodyBytes() > bodyBytesMax) {
                throw new FrontException(
                        PenstockError.LIMIT_EXCEEDED,
                        "a body of " + request.bodyBytes() + " bytes, the broker takes at most " + bodyBytesMax
                                + " (large.message.max.bytes)");
            }
            String fault = MessagePiece.fault(request.piece(), request.bodyBytes());
            if (fault != null) {
                throw FrontException.invalid(fault);
            }
            if (TemporaryName.isTemporary(request.topicId())) {
                throw new FrontException(
                        PenstockError.LIMIT_EXCEEDED, "temporary destinations take no messages in pieces");
            }
        }

        private void append(JmsCall call, JmsSession session, Partition partition, SendPieceRequest request) {
            try {
                require(call, Authoriser.Right.WRITE, partition.topicName());
            } catch (FrontException e) {
                call.fail(e);
                return;
            }
            boolean wait = request.durability() == SendDurability.TOPIC;
            partition
                    .largeMessages()
                    .append(request.piece(), session.key(), clock.millis(), wait, (append, failure) -> {
                        if (failure != null) {
                            call.fail(failure);
                        } else {
                            call.reply(new MessageFrame(new SendPieceResponse(append.baseOffset())));
                        }
                    });
        }
    }

    /** ReadPiece. */
    static final class Read extends JmsHandler {
        private final Partitions partitions;
        private final CommitRoutes routes;

        Read(JmsGate gate, Partitions partitions, CommitRoutes routes) {
            super(PenstockApi.READ_PIECE, gate);
            this.routes = routes;
            this.partitions = partitions;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            ReadPieceRequest request = ReadPieceRequest.read(body, call.version());
            if (isElsewhere(call, routes, api(), request.topicId(), request.partition(), request)) {
                return;
            }
            partitions.with(
                    request.topicId(), request.partition(), partition -> read(call, partition, request), call::fail);
        }

        private void read(JmsCall call, Partition partition, ReadPieceRequest request) {
            try {
                require(call, Authoriser.Right.READ, partition.topicName());
                LargeMessages messages = partition.largeMessages();
                ByteBuffer piece = messages.read(request.message(), request.index(), request.offset());
                if (piece == null) {
                    throw new FrontException(
                            PenstockError.PIECES_GONE,
                            "piece " + request.index() + " of the message's body is not in " + partition.topicName()
                                    + "-" + partition.index() + " (any more)");
                }
                call.reply(new MessageFrame(new ReadPieceResponse(piece)));
            } catch (FrontException | IOException e) {
                call.fail(e);
            }
        }
    }

    /** DropPieces. */
    static final class Drop extends JmsHandler {
        private final Partitions partitions;
        private final CommitRoutes routes;

        Drop(JmsGate gate, Partitions partitions, CommitRoutes routes) {
            super(PenstockApi.DROP_PIECES, gate);
            this.routes = routes;
            this.partitions = partitions;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            DropPiecesRequest request = DropPiecesRequest.read(body, call.version());
            if (isElsewhere(call, routes, api(), request.topicId(), request.partition(), request)) {
                return;
            }
            JmsSession session = call.connection().session(request.sessionId());
            partitions.with(
                    request.topicId(),
                    request.partition(),
                    partition -> {
                        partition.largeMessages().drop(request.message(), session.key());
                        call.succeed();
                    },
                    call::fail);
        }
    }
}
