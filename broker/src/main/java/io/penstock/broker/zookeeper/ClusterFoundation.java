package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.client.ZKClientConfig;

/**
 * The nodes that every cluster has: made by the first broker, in one multi, found by the others. Blocks; used once,
 * by the thread that starts the broker, on a connection of its own.
 */
record ClusterFoundation(String clusterId) {

    /**
     * @param ownClusterId of the log directories, null for new ones; a cluster is not made anew for old directories
     */
    static ClusterFoundation lay(ZooKeeperMetadataStore.Settings settings, String ownClusterId) throws IOException {
        int slash = settings.connect().indexOf('/');
        String hosts = slash < 0 ? settings.connect() : settings.connect().substring(0, slash);
        String chroot = slash < 0 ? "" : settings.connect().substring(slash);
        try (ZooKeeper client = connect(hosts, settings)) {
            for (int end = chroot.indexOf('/', 1); !chroot.isEmpty(); end = chroot.indexOf('/', end + 1)) {
                create(client, end < 0 ? chroot : chroot.substring(0, end));
                if (end < 0) {
                    break;
                }
            }
            return new ClusterFoundation(clusterId(client, chroot, ownClusterId));
        } catch (KeeperException e) {
            throw new MetadataException(
                    Reason.UNAVAILABLE, "ZooKeeper at " + settings.connect() + " refused: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while connecting to ZooKeeper", e);
        }
    }

    private static ZooKeeper connect(String hosts, ZooKeeperMetadataStore.Settings settings)
            throws IOException, InterruptedException {
        CountDownLatch connected = new CountDownLatch(1);
        ZKClientConfig config = new ZKClientConfig();
        if (System.getProperty("java.security.auth.login.config") == null) {
            config.setProperty(ZKClientConfig.ENABLE_CLIENT_SASL_KEY, "false");
        }
        Watcher watcher = (WatchedEvent event) -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        };
        ZooKeeper client = new ZooKeeper(hosts, settings.sessionTimeoutMillis(), watcher, false, config);
        if (!connected.await(settings.connectionTimeoutMillis(), TimeUnit.MILLISECONDS)) {
            client.close();
            throw new MetadataException(
                    Reason.UNAVAILABLE,
                    "ZooKeeper at " + hosts + " cannot be reached within " + settings.connectionTimeoutMillis()
                            + " ms (zookeeper.connect, zookeeper.connection.timeout.ms)");
        }
        return client;
    }

    private static String clusterId(ZooKeeper client, String chroot, String ownClusterId)
            throws KeeperException, InterruptedException {
        String path = chroot + ZNodes.CLUSTER_ID;
        if (client.exists(path, false) == null) {
            if (ownClusterId != null) {
                throw new MetadataException(
                        Reason.WRONG_CLUSTER,
                        "The log directories hold data of cluster " + ownClusterId + ", but ZooKeeper holds no cluster"
                                + " at all; check zookeeper.connect, or restore ZooKeeper's data");
            }
            found(client, chroot);
        }
        return ZNodeJson.text(ZNodes.CLUSTER_ID, "id", client.getData(path, false, null));
    }

    private static void found(ZooKeeper client, String chroot) throws KeeperException, InterruptedException {
        List<Op> nodes = new ArrayList<>();
        for (String root : ZNodes.ROOTS) {
            nodes.add(node(chroot + root, null));
        }
        nodes.add(node(chroot + ZNodes.CONTROLLER_EPOCH, ZNodeJson.number("epoch", 0)));
        nodes.add(node(chroot + ZNodes.PRODUCER_ID_BLOCK, ZNodeJson.number("next", 0)));
        nodes.add(node(chroot + ZNodes.CLUSTER_ID, ZNodeJson.text("id", newClusterId())));
        try {
            client.multi(nodes);
        } catch (KeeperException.NodeExistsException e) {
            if (client.exists(chroot + ZNodes.CLUSTER_ID, false) == null) {
                throw new MetadataException(
                        Reason.WRONG_CLUSTER,
                        "ZooKeeper holds nodes of something else at " + (chroot.isEmpty() ? "/" : chroot)
                                + "; give the cluster a chroot of its own: zookeeper.connect=host:port/penstock",
                        e);
            }
            // Another broker was faster; its cluster is ours.
        }
    }

    private static Op node(String path, byte[] value) {
        return Op.create(path, value, ZNodes.acl(), CreateMode.PERSISTENT);
    }

    private static void create(ZooKeeper client, String path) throws KeeperException, InterruptedException {
        try {
            client.create(path, null, ZNodes.acl(), CreateMode.PERSISTENT);
        } catch (KeeperException.NodeExistsException e) {
            // Somebody has made it: what we want.
        }
    }

    /** Sixteen random bytes as Kafka writes them: 22 letters of URL-safe base 64. */
    private static String newClusterId() {
        UUID id = UUID.randomUUID();
        ByteBuffer bytes = ByteBuffer.allocate(16);
        bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }
}
