package io.penstock.jms.message;

import io.penstock.protocol.jms.LargeHead;
import jakarta.jms.JMSException;
import java.nio.ByteBuffer;

/** Where the pieces of large messages of one destination come from. On an application's thread, which waits. */
@FunctionalInterface
public interface BodyPieces {

    /**
     * Brings all pieces of a message, in order.
     *
     * @throws JMSException when one of them cannot be had
     */
    void fetch(LargeHead head, int partition, Sink sink) throws JMSException;

    /** Takes pieces. */
    @FunctionalInterface
    interface Sink {
        void piece(ByteBuffer body) throws JMSException;
    }
}
