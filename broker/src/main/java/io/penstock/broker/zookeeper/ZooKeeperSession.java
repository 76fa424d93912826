package io.penstock.broker.zookeeper;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ZKConfig;

/**
 * One session with ZooKeeper: its calls as futures that complete on the store's thread, in the order of the session,
 * and its events. A session that expired is replaced by another object. Made, used and closed by
 * {@link ZooKeeperMetadataStore}.
 */
final class ZooKeeperSession implements AutoCloseable {
    /** Lists of ten thousand long names are larger than ZooKeeper's own default of a megabyte. */
    private static final int RESPONSE_BYTES_MAX = 64 << 20;

    private final Executor executor;
    private final ZooKeeper client;

    /** What a session tells its store, on the store's thread unless said otherwise. */
    interface Listener {
        /** Connected for the first time or again. */
        void connected(ZooKeeperSession session);

        void disconnected(ZooKeeperSession session);

        /** The session and its ephemeral nodes are gone for good. */
        void expired(ZooKeeperSession session);

        /** On ZooKeeper's own thread: true when the change needs no further notice. */
        boolean known(WatchedEvent event);

        void changed(String path);
    }

    ZooKeeperSession(String connect, int timeoutMillis, Executor executor, Listener listener) throws IOException {
        this.executor = executor;
        ZKClientConfig config = new ZKClientConfig();
        if (System.getProperty("java.security.auth.login.config") == null) {
            config.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        }
        config.setProperty(ZKConfig.JUTE_MAXBUFFER, Integer.toString(RESPONSE_BYTES_MAX));
        this.client = new ZooKeeper(connect, timeoutMillis, event -> event(event, listener), false, config);
    }

    private void event(WatchedEvent event, Listener listener) {
        if (event.getType() != Watcher.Event.EventType.None) {
            if (!listener.known(event)) {
                post(() -> listener.changed(event.getPath()));
            }
            return;
        }
        switch (event.getState()) {
            case SyncConnected, SaslAuthenticated -> post(() -> listener.connected(this));
            case Disconnected -> post(() -> listener.disconnected(this));
            case Expired, AuthFailed -> post(() -> listener.expired(this));
            default -> {
                // Closed: by ourselves.
            }
        }
    }

    /** For the blocking calls of a broker's start. */
    ZooKeeper client() {
        return client;
    }

    long id() {
        return client.getSessionId();
    }

    /** The negotiated time-out. */
    int timeoutMillis() {
        return client.getSessionTimeout();
    }

    boolean alive() {
        return client.getState().isAlive();
    }

    /** One watch on the whole tree, which lasts as long as the session. */
    CompletableFuture<Void> watchAll() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        client.addWatch(
                "/",
                AddWatchMode.PERSISTENT_RECURSIVE,
                (code, path, context) -> post(() -> finish(result, code, path, null)),
                null);
        return result;
    }

    CompletableFuture<List<String>> children(String path) {
        CompletableFuture<List<String>> result = new CompletableFuture<>();
        client.getChildren(
                path, false, (code, at, context, children) -> post(() -> finish(result, code, at, children)), null);
        return result;
    }

    /** Does all or nothing. Fails with {@link MultiFailure} when the server refused an operation. */
    CompletableFuture<List<OpResult>> change(List<Op> operations, Runnable onSessionThread) {
        CompletableFuture<List<OpResult>> result = new CompletableFuture<>();
        client.multi(
                operations,
                (code, path, context, results) -> {
                    onSessionThread.run();
                    post(() -> {
                        if (code == KeeperException.Code.OK.intValue()) {
                            result.complete(results);
                        } else {
                            result.completeExceptionally(MultiFailure.of(code, results));
                        }
                    });
                },
                null);
        return result;
    }

    /** Reads nodes, each by itself: one that is not there has an {@link OpResult.ErrorResult}. */
    CompletableFuture<List<OpResult>> read(List<Op> operations) {
        CompletableFuture<List<OpResult>> result = new CompletableFuture<>();
        client.multi(
                operations,
                (code, path, context, results) -> post(() -> {
                    if (results != null && results.size() == operations.size()) {
                        result.complete(results);
                    } else {
                        result.completeExceptionally(KeeperException.create(KeeperException.Code.get(code), path));
                    }
                }),
                null);
        return result;
    }

    /** Waits for the server to end the session, so that its ephemeral nodes are gone at once. */
    @Override
    public void close() {
        try {
            client.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static <T> void finish(CompletableFuture<T> future, int code, String path, T value) {
        if (code == KeeperException.Code.OK.intValue()) {
            future.complete(value);
        } else {
            future.completeExceptionally(KeeperException.create(KeeperException.Code.get(code), path));
        }
    }

    private void post(Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException e) {
            // The store is closed: nobody waits any more.
        }
    }
}
