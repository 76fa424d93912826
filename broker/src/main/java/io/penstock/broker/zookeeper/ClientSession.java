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
 * A session over ZooKeeper's own client, whose threads only post to the store's.
 */
final class ClientSession implements ZooKeeperSession {
    /** Lists of ten thousand long names are larger than ZooKeeper's own default of a megabyte. */
    private static final int RESPONSE_BYTES_MAX = 64 << 20;

    private final Executor executor;
    private final ZooKeeper client;

    ClientSession(String connect, int timeoutMillis, Executor executor, Listener listener) throws IOException {
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
                post(() -> listener.changed(event));
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

    @Override
    public long id() {
        return client.getSessionId();
    }

    @Override
    public int timeoutMillis() {
        return client.getSessionTimeout();
    }

    @Override
    public boolean alive() {
        return client.getState().isAlive();
    }

    @Override
    public CompletableFuture<Void> watchAll() {
        CompletableFuture<Void> result = new CompletableFuture<>();
        client.addWatch(
                "/",
                AddWatchMode.PERSISTENT_RECURSIVE,
                (code, path, context) -> post(() -> finish(result, code, path, null)),
                null);
        return result;
    }

    @Override
    public CompletableFuture<List<String>> children(String path) {
        CompletableFuture<List<String>> result = new CompletableFuture<>();
        client.getChildren(
                path, false, (code, at, context, children) -> post(() -> finish(result, code, at, children)), null);
        return result;
    }

    @Override
    public CompletableFuture<List<OpResult>> change(List<Op> operations, Runnable onSessionThread) {
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

    @Override
    public CompletableFuture<List<OpResult>> read(List<Op> operations) {
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
