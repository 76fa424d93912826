package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Properties;
import java.util.UUID;

/**
 * Whose data the log directories hold: {@code meta.properties} in each of them. A directory that another cluster's
 * data, or another broker's, is in is refused before anything is served from it. The instance tells a restart of the
 * same broker from another broker that was given the same id.
 *
 * <pre>
 * version=1
 * cluster.id=...
 * broker.id=...
 * instance.id=...
 * </pre>
 *
 * Used once, by the thread that starts the broker.
 */
record NodeIdentity(String clusterId, int brokerId, String instance) {
    static final String FILE = "meta.properties";
    private static final String VERSION = "1";

    /**
     * What the directories say; the cluster id is null when none of them says anything.
     *
     * @throws MetadataException when they contradict each other or the configured broker id
     */
    static NodeIdentity read(List<Path> directories, int brokerId) throws IOException {
        NodeIdentity found = null;
        Path where = null;
        for (Path directory : directories) {
            Path file = directory.resolve(FILE);
            if (!Files.exists(file)) {
                continue;
            }
            NodeIdentity here = parse(file);
            if (here.brokerId != brokerId) {
                throw new MetadataException(
                        Reason.DUPLICATE_BROKER,
                        directory + " holds the data of broker " + here.brokerId + ", but broker.id is " + brokerId
                                + "; set broker.id=" + here.brokerId + " or use another directory");
            }
            if (found != null && !found.clusterId.equals(here.clusterId)) {
                throw new MetadataException(
                        Reason.WRONG_CLUSTER,
                        where + " holds data of cluster " + found.clusterId + " and " + directory + " of cluster "
                                + here.clusterId + "; they cannot be used together");
            }
            if (found == null) {
                found = here;
                where = directory;
            }
        }
        return found == null
                ? new NodeIdentity(null, brokerId, UUID.randomUUID().toString())
                : found;
    }

    /** Refuses another cluster than the directories belong to; writes the file where it is missing. */
    NodeIdentity join(String authorityClusterId, List<Path> directories) throws IOException {
        if (clusterId != null && !clusterId.equals(authorityClusterId)) {
            throw new MetadataException(
                    Reason.WRONG_CLUSTER,
                    "ZooKeeper belongs to cluster " + authorityClusterId + ", but " + directories
                            + " hold data of cluster " + clusterId
                            + "; check zookeeper.connect and log.dirs");
        }
        NodeIdentity joined = new NodeIdentity(authorityClusterId, brokerId, instance);
        for (Path directory : directories) {
            if (!Files.exists(directory.resolve(FILE))) {
                joined.write(directory);
            }
        }
        return joined;
    }

    private static NodeIdentity parse(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = new StringReader(Files.readString(file))) {
            properties.load(reader);
        }
        String version = properties.getProperty("version");
        String cluster = properties.getProperty("cluster.id");
        String broker = properties.getProperty("broker.id");
        String instance = properties.getProperty("instance.id");
        if (!VERSION.equals(version)) {
            throw new IOException(file + " has version " + version + ", this release reads version " + VERSION);
        }
        if (cluster == null || broker == null || instance == null) {
            throw new IOException(file + " is incomplete: it needs cluster.id, broker.id and instance.id");
        }
        try {
            return new NodeIdentity(cluster, Integer.parseInt(broker), instance);
        } catch (NumberFormatException e) {
            throw new IOException(file + ": broker.id=" + broker + " is not a number", e);
        }
    }

    /** A crash leaves the whole file or none. */
    private void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        String text = "version=" + VERSION + "\ncluster.id=" + clusterId + "\nbroker.id=" + brokerId + "\ninstance.id="
                + instance + "\n";
        Path temporary = directory.resolve(FILE + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel entry = FileChannel.open(directory, StandardOpenOption.READ)) {
            entry.force(true);
        }
    }
}
