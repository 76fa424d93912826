package io.penstock.broker.zookeeper;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;

/**
 * The port to ZooKeeper: one session, its calls as futures that complete on the store's thread in the order of the
 * session, and its events, in that order too. A session that expired is replaced by another object. {@link
 * ClientSession} is the real one; the simulation has a model. Made, used and closed by {@link ZooKeeperMetadataStore}.
 */
interface ZooKeeperSession extends AutoCloseable {

    /** Makes sessions. */
    interface Sessions {
        /**
         * @param executor the store's thread
         * @throws IOException when the address is of no use now; trying again may help
         */
        ZooKeeperSession open(Executor executor, Listener listener) throws IOException;
    }

    /** What a session tells its store, on the store's thread unless said otherwise. */
    interface Listener {
        /** Connected for the first time or again. */
        void connected(ZooKeeperSession session);

        void disconnected(ZooKeeperSession session);

        /** The session and its ephemeral nodes are gone for good. */
        void expired(ZooKeeperSession session);

        /** On ZooKeeper's own thread: true when the change needs no further notice. */
        boolean known(WatchedEvent event);

        void changed(WatchedEvent event);
    }

    long id();

    /** The negotiated time-out. */
    int timeoutMillis();

    boolean alive();

    /** One watch on the whole tree, which lasts as long as the session. */
    CompletableFuture<Void> watchAll();

    CompletableFuture<List<String>> children(String path);

    /**
     * Does all or nothing. Fails with {@link MultiFailure} when the server refused an operation.
     *
     * @param onSessionThread called on ZooKeeper's own thread, after the events that the change made here
     */
    CompletableFuture<List<OpResult>> change(List<Op> operations, Runnable onSessionThread);

    default CompletableFuture<List<OpResult>> change(Writes writes) {
        return change(writes.operations(), () -> {});
    }

    /** Reads nodes, each by itself: one that is not there has an {@link OpResult.ErrorResult}. */
    CompletableFuture<List<OpResult>> read(List<Op> operations);

    /** Waits for the server to end the session, so that its ephemeral nodes are gone at once. */
    @Override
    void close();
}
