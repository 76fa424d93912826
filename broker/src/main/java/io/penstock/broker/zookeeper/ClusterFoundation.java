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

/**
 * The nodes that every cluster has: made by the first broker, in one multi, found by the others. Blocks; used once,
 * by the thread that starts the broker.
 */
final class ClusterFoundation {
    private ClusterFoundation() {}

    /**
     * Finds or makes the cluster.
     *
     * @param client of the store's session, below the chroot of {@code settings}
     * @param ownClusterId of the log directories, null for new ones; a cluster is not made anew for old directories
     * @return the cluster's id
     */
    static String lay(ZooKeeper client, ZooKeeperMetadataStore.Settings settings, String ownClusterId)
            throws IOException {
        try {
            if (client.exists(ZNodes.CLUSTER_ID, false) == null) {
                if (ownClusterId != null) {
                    throw new MetadataException(
                            Reason.WRONG_CLUSTER,
                            "The log directories hold data of cluster " + ownClusterId
                                    + ", but ZooKeeper holds no cluster at all; check zookeeper.connect, or restore"
                                    + " ZooKeeper's data");
                }
                makeChroot(settings);
                found(client, settings.connect());
            }
            return ZNodeJson.text(ZNodes.CLUSTER_ID, "id", client.getData(ZNodes.CLUSTER_ID, false, null));
        } catch (KeeperException e) {
            throw new MetadataException(
                    Reason.UNAVAILABLE, "ZooKeeper at " + settings.connect() + " refused: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while talking to ZooKeeper", e);
        }
    }

    private static void found(ZooKeeper client, String connect) throws KeeperException, InterruptedException {
        try {
            client.multi(nodes(newClusterId()));
        } catch (KeeperException.NodeExistsException e) {
            if (client.exists(ZNodes.CLUSTER_ID, false) == null) {
                throw new MetadataException(
                        Reason.WRONG_CLUSTER,
                        "ZooKeeper at " + connect + " holds nodes of something else; give the cluster a chroot of its"
                                + " own: zookeeper.connect=host:port/penstock",
                        e);
            }
            // Another broker was faster; its cluster is ours.
        }
    }

    /** What every cluster has. */
    static List<Op> nodes(String clusterId) {
        List<Op> nodes = new ArrayList<>();
        for (String root : ZNodes.ROOTS) {
            nodes.add(node(root, null));
        }
        nodes.add(node(ZNodes.CONTROLLER_EPOCH, ZNodeJson.number("epoch", 0)));
        nodes.add(node(ZNodes.PRODUCER_ID_BLOCK, ZNodeJson.number("next", 0)));
        nodes.add(node(ZNodes.CLUSTER_ID, ZNodeJson.text("id", clusterId)));
        return nodes;
    }

    /** On a connection of its own, since the store's sees nothing above its chroot. */
    private static void makeChroot(ZooKeeperMetadataStore.Settings settings)
            throws IOException, KeeperException, InterruptedException {
        int slash = settings.connect().indexOf('/');
        if (slash < 0 || slash == settings.connect().length() - 1) {
            return;
        }
        String chroot = settings.connect().substring(slash);
        CountDownLatch connected = new CountDownLatch(1);
        Watcher watcher = (WatchedEvent event) -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        };
        try (ZooKeeper client =
                new ZooKeeper(settings.connect().substring(0, slash), settings.sessionTimeoutMillis(), watcher)) {
            if (!connected.await(settings.connectionTimeoutMillis(), TimeUnit.MILLISECONDS)) {
                throw new MetadataException(
                        Reason.UNAVAILABLE, "ZooKeeper at " + settings.connect() + " cannot be reached");
            }
            int end = 0;
            while (end >= 0) {
                end = chroot.indexOf('/', end + 1);
                create(client, end < 0 ? chroot : chroot.substring(0, end));
            }
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
