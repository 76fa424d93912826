package io.penstock.broker.request.jms;

import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.protocol.message.ConnectionErrorPush;
import io.penstock.protocol.message.ConsumerErrorPush;
import io.penstock.protocol.message.DrainedPush;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.PushHeader;
import io.penstock.protocol.message.PushKind;
import java.nio.ByteBuffer;

/** The pushes that are not Deliver, as frames. */
final class Pushes {
    private static final int TEXT_MAX = 4_000;

    private Pushes() {}

    static OutgoingFrame drained(int consumerId, int drainId) {
        return new PushFrame(new PushHeader(PushKind.DRAINED, (short) 0), new DrainedPush(consumerId, drainId));
    }

    static OutgoingFrame consumerError(int consumerId, PenstockError error, String message) {
        return new PushFrame(
                new PushHeader(PushKind.CONSUMER_ERROR, (short) 0),
                new ConsumerErrorPush(consumerId, error, shortened(message)));
    }

    static OutgoingFrame connectionError(PenstockError error, String message) {
        return new PushFrame(
                new PushHeader(PushKind.CONNECTION_ERROR, (short) 0),
                new ConnectionErrorPush(error, shortened(message)));
    }

    private static String shortened(String message) {
        if (message == null) {
            return "";
        }
        return message.length() <= TEXT_MAX ? message : message.substring(0, TEXT_MAX);
    }

    private record PushFrame(PushHeader header, PrivateMessage body) implements OutgoingFrame {
        @Override
        public int sizeBytes() {
            return PushHeader.BYTES + body.sizeBytes();
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            header.writeTo(dst);
            body.writeTo(dst);
        }
    }
}
