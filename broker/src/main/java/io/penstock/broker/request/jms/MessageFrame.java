package io.penstock.broker.request.jms;

import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.protocol.message.PrivateMessage;
import java.nio.ByteBuffer;

/** The body of a response. */
public record MessageFrame(PrivateMessage message) implements OutgoingFrame {
    @Override
    public int sizeBytes() {
        return message.sizeBytes();
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        message.writeTo(dst);
    }
}
