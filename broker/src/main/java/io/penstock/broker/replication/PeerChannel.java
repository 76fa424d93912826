package io.penstock.broker.replication;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.storage.time.Owner;
import java.nio.ByteBuffer;

/**
 * The port by which this broker asks others: requests of the private protocol over one connection for each broker that
 * is asked, made when it is first needed and made again, with growing pauses, after it broke. Where a broker is, the
 * newest image of the cluster says; when it has registered anew, the connection to its former life is given up. Any
 * thread may call; nothing blocks. Implemented by {@code broker.wire}, and by the simulation. Closed by the
 * composition root.
 */
public interface PeerChannel extends AutoCloseable {

    /**
     * Sends a request. Requests to one broker by one thread arrive in their order; answers may come in any.
     *
     * @param body written before this returns
     * @param owner on which the callback is called, once
     * @param timeoutNanos after which an answer is not waited for any more
     */
    void send(
            int brokerId, PenstockApi api, PrivateMessage body, Owner owner, long timeoutNanos, PeerCallback callback);

    /**
     * Keeps a connection to a broker, whether there is something to send or not, so that the death of its process shows
     * at once; or no longer.
     */
    void hold(int brokerId, boolean hold);

    /** Is told from now on, on any thread, what is noticed of other brokers. */
    void watch(PeerWatcher watcher);

    @Override
    void close();

    /** What becomes of a request: exactly one of the two is called. */
    interface PeerCallback {
        void replied(PeerReply reply);

        void failed(PeerException failure);
    }

    /** An answer. */
    interface PeerReply {
        /** Valid until the callback returns, unless {@link #retain} was called, and then until {@link #release}. */
        ByteBuffer body();

        void retain();

        /** Undoes one {@link #retain}; on any thread. */
        void release();
    }

    /** Learns what connections show of other brokers. */
    interface PeerWatcher {
        /** A connection stands. */
        default void connected(BrokerImage peer) {}

        /** A connection that stood is gone. */
        default void lost(BrokerImage peer) {}

        /** Nobody listens where the broker of that epoch said it would: its process is dead. */
        default void refused(BrokerImage peer) {}
    }
}
