package io.penstock.broker.zookeeper;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.PurgeTxnLog;
import org.apache.zookeeper.server.ZKDatabase;
import org.apache.zookeeper.server.ZooKeeperServer;
import org.apache.zookeeper.server.persistence.FileTxnLog;
import org.apache.zookeeper.server.persistence.FileTxnSnapLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A ZooKeeper server in the broker's own process, for a single node: on loopback, without admin server, JMX and
 * four-letter words, and tuned to start at once. Made and closed by the composition root; closed after the store that
 * uses it. Being killed loses nothing that was confirmed.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedZooKeeper.class);

    private static final int TICK_MILLIS = 500;
    private static final int SESSION_TIMEOUT_MAX_MILLIS = 10 * 60 * 1000;
    private static final int CONNECTIONS_PER_ADDRESS_MAX = 60;
    private static final long PREALLOCATED_BYTES = 4L << 20;
    private static final int SNAPSHOTS_KEPT = 3;
    /** A log beyond this is worth a snapshot after start, so that the next start replays less. */
    private static final long REPLAY_BYTES = 8L << 20;

    private static final long UPKEEP_DELAY_SECONDS = 30;
    private static final long UPKEEP_INTERVAL_SECONDS = 3600;

    private final FileChannel lockFile;
    private final FileLock lock;
    private final File data;
    private final FileTxnSnapLog files;
    private final Server server;
    private final NIOServerCnxnFactory connections;
    private final ScheduledExecutorService upkeep;

    /**
     * Starts a server and returns when it serves.
     *
     * @param directory of its own, made when it is not there
     * @param port on loopback; 0 takes a free one
     * @param forceWrites whether a change is forced to disk before it is confirmed ({@code flush.policy=before-reply})
     * @throws IOException also when another process uses the directory
     */
    public static EmbeddedZooKeeper start(Path directory, int port, boolean forceWrites) throws IOException {
        Files.createDirectories(directory);
        FileChannel lockFile =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = lockFile.tryLock();
            if (lock == null) {
                throw new IOException("another process uses " + directory + "; a directory belongs to one broker");
            }
            return new EmbeddedZooKeeper(lockFile, lock, directory, port, forceWrites);
        } catch (OverlappingFileLockException e) {
            lockFile.close();
            throw new IOException("another broker in this process uses " + directory, e);
        } catch (IOException | RuntimeException e) {
            lockFile.close();
            throw e;
        }
    }

    private EmbeddedZooKeeper(FileChannel lockFile, FileLock lock, Path directory, int port, boolean forceWrites)
            throws IOException {
        this.lockFile = lockFile;
        this.lock = lock;
        this.data = directory.toFile();
        configureProcess();
        this.files = openFiles(data, forceWrites);
        this.server = new Server(files);
        this.connections = new NIOServerCnxnFactory();
        try {
            connections.configure(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECTIONS_PER_ADDRESS_MAX);
            connections.startup(server);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            connections.shutdown();
            throw new IOException("interrupted while the embedded ZooKeeper started", e);
        } catch (IOException | RuntimeException e) {
            connections.shutdown();
            files.close();
            throw e;
        }
        this.upkeep = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "penstock-zookeeper-upkeep");
            thread.setDaemon(true);
            return thread;
        });
        upkeep.scheduleWithFixedDelay(this::upkeep, UPKEEP_DELAY_SECONDS, UPKEEP_INTERVAL_SECONDS, TimeUnit.SECONDS);
        LOG.info("embedded ZooKeeper serves on {} from {}", connectString(), data);
    }

    public int port() {
        return connections.getLocalPort();
    }

    /** For {@code zookeeper.connect}. */
    public String connectString() {
        return "127.0.0.1:" + port();
    }

    /** Ends a session as its expiry does; for tests of what a broker makes of it. */
    void expireSession(long id) {
        server.closeSession(id);
    }

    @Override
    public void close() throws IOException {
        upkeep.shutdownNow();
        connections.shutdown();
        files.close();
        lock.release();
        lockFile.close();
    }

    /** Settings that ZooKeeper reads from the process alone; what somebody has set already stays. */
    private static void configureProcess() {
        setIfAbsent("zookeeper.4lw.commands.whitelist", "");
        setIfAbsent("zookeeper.admin.enableServer", "false");
        setIfAbsent("zookeeper.jmx.log4j.disable", "true");
        // One client, on the same machine: requests are served on the selector's thread without a hand-over.
        setIfAbsent("zookeeper.nio.numSelectorThreads", "1");
        setIfAbsent("zookeeper.nio.numWorkerThreads", "0");
        // The tree's running digest compares servers of an ensemble; here it would only cost time.
        setIfAbsent("zookeeper.digest.enabled", "false");
        setIfAbsent("zookeeper.maxCnxns", "200");
        setIfAbsent("zookeeper.snapCount", "20000");
        setIfAbsent("zookeeper.snapSizeLimitInKb", Long.toString(64 << 10));
    }

    private static void setIfAbsent(String key, String value) {
        if (System.getProperty(key) == null) {
            System.setProperty(key, value);
        }
    }

    /** Whether writes are forced is a property of the process that each log reads when it is made. */
    private static FileTxnSnapLog openFiles(File data, boolean forceWrites) throws IOException {
        synchronized (EmbeddedZooKeeper.class) {
            String key = "zookeeper.forceSync";
            String before = System.getProperty(key);
            System.setProperty(key, forceWrites ? "yes" : "no");
            try {
                FileTxnLog.setPreallocSize(PREALLOCATED_BYTES);
                return new FileTxnSnapLog(data, data);
            } finally {
                if (before == null) {
                    System.clearProperty(key);
                } else {
                    System.setProperty(key, before);
                }
            }
        }
    }

    private void upkeep() {
        try {
            if (server.replayedBytes > REPLAY_BYTES) {
                server.replayedBytes = 0;
                server.takeSnapshot(true);
            }
            PurgeTxnLog.purge(data, data, SNAPSHOTS_KEPT);
        } catch (IOException | RuntimeException e) {
            // Old files stay until the next round; nothing else depends on them.
            LOG.warn("upkeep of the embedded ZooKeeper in {} failed", data, e);
        }
    }

    /** Starts without the snapshot and the management beans that a server of an ensemble makes. */
    private static final class Server extends ZooKeeperServer {
        private boolean starting = true;
        private volatile long replayedBytes;

        Server(FileTxnSnapLog files) {
            super(files, TICK_MILLIS, TICK_MILLIS, SESSION_TIMEOUT_MAX_MILLIS, -1, new ZKDatabase(files), "");
        }

        @Override
        public void loadData() throws IOException, InterruptedException {
            super.loadData();
            starting = false;
        }

        @Override
        public File takeSnapshot() throws IOException {
            if (starting) {
                File[] logs =
                        getTxnLogFactory().getDataLogDir().listFiles((directory, name) -> name.startsWith("log."));
                if (logs != null) {
                    for (File log : logs) {
                        replayedBytes += log.length();
                    }
                }
                return null;
            }
            return super.takeSnapshot();
        }

        @Override
        protected void registerJMX() {
            // not wanted: costs a tenth of a second at start
        }

        @Override
        protected void unregisterJMX() {
            // nothing was registered
        }
    }
}
