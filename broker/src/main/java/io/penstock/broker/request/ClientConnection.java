package io.penstock.broker.request;

import io.penstock.storage.time.Owner;
import java.net.SocketAddress;

/**
 * A client's connection as handlers and the delivery front see it; implemented by {@code broker.wire}. Any thread may
 * call.
 */
public interface ClientConnection {

    /** Unique in this broker's life. */
    String id();

    /** The event loop that serves the connection. A partition may have the same one as its owner. */
    Owner loop();

    SocketAddress remoteAddress();

    /** Name of the authenticated user, {@code ANONYMOUS} without one. */
    String principal();

    /** Whether more may be asked than a login takes: of a user, a broker, or ANONYMOUS where that is allowed. */
    default boolean admitted() {
        return true;
    }

    /** The client has proven that it is {@code principal}: from now on its requests are that one's. */
    default void admit(String principal) {
        throw new IllegalStateException("nobody logs in over " + this);
    }

    /**
     * Writes a frame, after those sent before by the same thread. The frame's bytes are taken before this returns
     * when called on the loop; {@link OutgoingFrame#release} is called in any case, also when the connection is closed.
     */
    void send(OutgoingFrame frame);

    /** False while more is queued than the connection takes; push nothing then. */
    boolean writable();

    /** Runs on the loop each time the connection becomes writable again. */
    void onWritable(Runnable listener);

    /** Runs on the loop once, when the connection is gone; at once when it already is. */
    void onClose(Runnable listener);

    void close(String reason);

    /** A frame to be sent; its length prefix is the wire's business. */
    interface OutgoingFrame {
        /** Bytes after the length prefix. */
        int sizeBytes();

        /** Writes exactly {@link #sizeBytes} bytes. */
        void writeTo(java.nio.ByteBuffer dst) throws java.io.IOException;

        /** Frees what the frame holds (log slices). */
        default void release() {}
    }
}
