package io.penstock.broker.request.jms;

import io.penstock.broker.request.ClientConnection;
import java.nio.ByteBuffer;

/** A frame that is encoded already. */
record BytesFrame(ByteBuffer bytes) implements ClientConnection.OutgoingFrame {

    @Override
    public int sizeBytes() {
        return bytes.remaining();
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.put(bytes.duplicate());
    }
}
