package io.penstock.broker.zookeeper;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.security.Users;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/**
 * The users of a cluster, changed where they are kept, also before the first broker has started. For the command line; blocks. Closed by
 * who opened it.
 */
public final class ClusterUsers implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 15_000;
    private static final int ATTEMPTS = 20;

    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final ClientSession session;

    /**
     * Connects, and makes the cluster when there is none yet.
     *
     * @param connect as {@code zookeeper.connect}
     * @throws IOException also when ZooKeeper does not answer in time
     */
    public ClusterUsers(String connect) throws IOException {
        CompletableFuture<Void> connected = new CompletableFuture<>();
        session = new ClientSession(connect, TIMEOUT_MILLIS, executor, new Opening(connected));
        try {
            new StoreOpening(TIMEOUT_MILLIS).within(connected, "ZooKeeper at " + connect + " cannot be reached");
            ClusterFoundation.lay(
                    session.client(),
                    new ZooKeeperMetadataStore.Settings(
                            connect, TIMEOUT_MILLIS, TIMEOUT_MILLIS, 0, List.of(), BrokerSettings.of(0, Map.of())),
                    null);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    public Users read() throws IOException {
        return read(new Stat());
    }

    /** What another changes meanwhile is kept. */
    public void change(UnaryOperator<Users> by) throws IOException {
        ZooKeeper client = session.client();
        for (int attempt = 1; ; attempt++) {
            Stat stat = new Stat();
            stat.setVersion(-1);
            byte[] next = ZNodeJson.config(by.apply(read(stat)).texts());
            try {
                if (stat.getVersion() < 0) {
                    client.create(ZNodes.CONFIG_USERS, next, ZNodes.acl(), CreateMode.PERSISTENT);
                } else {
                    client.setData(ZNodes.CONFIG_USERS, next, stat.getVersion());
                }
                return;
            } catch (KeeperException.BadVersionException | KeeperException.NodeExistsException e) {
                if (attempt == ATTEMPTS) {
                    throw new IOException("others change the users all the time", e);
                }
            } catch (KeeperException e) {
                throw new IOException("ZooKeeper did not take the users: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while talking to ZooKeeper", e);
            }
        }
    }

    private Users read(Stat stat) throws IOException {
        try {
            return Users.parse(
                    ZNodeJson.config(ZNodes.CONFIG_USERS, session.client().getData(ZNodes.CONFIG_USERS, false, stat)));
        } catch (KeeperException.NoNodeException e) {
            return Users.none();
        } catch (KeeperException | IllegalArgumentException e) {
            throw new IOException("the users in ZooKeeper cannot be read: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while talking to ZooKeeper", e);
        }
    }

    @Override
    public void close() {
        session.close();
        executor.shutdown();
    }

    private record Opening(CompletableFuture<Void> first) implements ZooKeeperSession.Listener {
        @Override
        public boolean known(WatchedEvent event) {
            return true;
        }

        @Override
        public void changed(WatchedEvent event) {
            // Nothing is watched.
        }

        @Override
        public void connected(ZooKeeperSession session) {
            first.complete(null);
        }

        @Override
        public void disconnected(ZooKeeperSession session) {
            // What is asked meanwhile fails, and says so.
        }

        @Override
        public void expired(ZooKeeperSession session) {
            first.completeExceptionally(new ExecutionException("the session has expired", null));
        }
    }
}
