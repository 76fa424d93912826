package io.penstock.jms.transport;

import java.nio.ByteBuffer;

/** What follows the header of a request. */
public interface FrameBody {
    FrameBody EMPTY = new FrameBody() {
        @Override
        public int sizeBytes() {
            return 0;
        }

        @Override
        public void writeTo(ByteBuffer dst) {}
    };

    int sizeBytes();

    /** Writes exactly {@link #sizeBytes} bytes. */
    void writeTo(ByteBuffer dst);
}
