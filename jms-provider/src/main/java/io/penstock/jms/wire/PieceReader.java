package io.penstock.jms.wire;

import io.penstock.jms.message.BodyPieces;
import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.ReadPieceRequest;
import io.penstock.protocol.message.ReadPieceResponse;
import jakarta.jms.JMSException;
import java.util.ArrayDeque;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Reads the bodies of one destination's large messages, a few pieces at a time. An application's thread, which waits. */
final class PieceReader implements BodyPieces {
    private static final int UNDER_WAY_MAX = 4;

    private final WireConnection connection;
    private final String name;
    private final UUID topicId;

    PieceReader(WireConnection connection, String name, UUID topicId) {
        this.connection = connection;
        this.name = name;
        this.topicId = topicId;
    }

    @Override
    public void fetch(LargeHead head, int partition, Sink sink) throws JMSException {
        String what = "reading the body of a large message of " + name;
        ArrayDeque<CompletableFuture<ReadPieceResponse>> underWay = new ArrayDeque<>();
        for (int i = 0; i < head.offsets().length; i++) {
            if (underWay.size() == UNDER_WAY_MAX) {
                sink.piece(connection.await(underWay.poll(), what).body());
            }
            underWay.add(connection.call(
                    PenstockApi.READ_PIECE,
                    new ReadPieceRequest(topicId, partition, head.message(), i, head.offsets()[i]),
                    ReadPieceResponse::read,
                    what));
        }
        while (!underWay.isEmpty()) {
            sink.piece(connection.await(underWay.poll(), what).body());
        }
    }
}
