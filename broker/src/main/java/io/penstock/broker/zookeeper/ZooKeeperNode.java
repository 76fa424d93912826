package io.penstock.broker.zookeeper;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.zookeeper.server.DatadirCleanupManager;
import org.apache.zookeeper.server.ServerConfig;
import org.apache.zookeeper.server.ZooKeeperServerMain;
import org.apache.zookeeper.server.admin.AdminServer.AdminServerException;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig;
import org.apache.zookeeper.server.quorum.QuorumPeerConfig.ConfigException;
import org.apache.zookeeper.server.quorum.QuorumPeerMain;

/**
 * A server of a ZooKeeper ensemble from our own distribution: {@code penstock zookeeper start --config FILE}. The file
 * is a standard {@code zoo.cfg}; without {@code server.N} lines the server stands alone.
 */
public final class ZooKeeperNode {
    private final QuorumPeerConfig config;
    private final Peer peer = new Peer();
    private final Single single = new Single();

    /** @throws IllegalArgumentException when the file cannot be read or is wrong, with a text that says why */
    public ZooKeeperNode(Path file) {
        if (System.getProperty("zookeeper.admin.enableServer") == null) {
            System.setProperty("zookeeper.admin.enableServer", "false");
        }
        config = new QuorumPeerConfig();
        try {
            config.parse(file.toString());
        } catch (ConfigException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalArgumentException(file + ": " + cause.getMessage(), e);
        }
    }

    /** Serves until {@link #stop}; on the caller's thread. */
    public void run() throws IOException {
        DatadirCleanupManager purge = new DatadirCleanupManager(
                config.getDataDir(), config.getDataLogDir(), config.getSnapRetainCount(), config.getPurgeInterval());
        purge.start();
        try {
            if (config.isDistributed()) {
                peer.runFromConfig(config);
            } else {
                ServerConfig alone = new ServerConfig();
                alone.readFrom(config);
                single.runFromConfig(alone);
            }
        } catch (AdminServerException e) {
            throw new IOException("the admin server of ZooKeeper did not start", e);
        } finally {
            purge.shutdown();
        }
    }

    /** Lets {@link #run} return; any thread. */
    public void stop() {
        if (config.isDistributed()) {
            peer.close();
        } else {
            single.stop();
        }
    }

    private static final class Peer extends QuorumPeerMain {}

    /** Opens up the shutdown, which ZooKeeper keeps for its own package and subclasses. */
    private static final class Single extends ZooKeeperServerMain {
        void stop() {
            shutdown();
        }
    }
}
