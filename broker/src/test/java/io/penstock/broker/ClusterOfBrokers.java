package io.penstock.broker;

import io.penstock.broker.zookeeper.EmbeddedZooKeeper;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Brokers in this process on one ZooKeeper, on real sockets. The test's thread. */
final class ClusterOfBrokers implements AutoCloseable {
    final TreeMap<Integer, Broker> brokers = new TreeMap<>();
    private final Path directory;
    private final Map<String, String> settings;
    private final EmbeddedZooKeeper zookeeper;

    /** @param settings of every broker */
    ClusterOfBrokers(Path directory, Map<String, String> settings) throws Exception {
        this.directory = directory;
        this.settings = settings;
        zookeeper = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, false);
    }

    void start(int id) throws Exception {
        Properties properties = new Properties();
        properties.put("broker.id", Integer.toString(id));
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.resolve("broker-" + id).toString());
        properties.put("zookeeper.connect", zookeeper.connectString());
        properties.putAll(settings);
        brokers.put(id, Broker.start(BrokerConfig.parse(properties)));
    }

    String zookeeper() {
        return zookeeper.connectString();
    }

    String bootstrap() {
        return brokers.values().stream()
                .map(each -> each.host() + ":" + each.port())
                .collect(Collectors.joining(","));
    }

    @Override
    public void close() throws Exception {
        brokers.values().forEach(Broker::close);
        zookeeper.close();
    }
}
