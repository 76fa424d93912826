package io.penstock.broker;

import io.penstock.broker.config.BrokerKeys;
import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.ConfigKey;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.storage.log.LogConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/**
 * What a broker is started with, checked as a whole: {@link BrokerKeys} has the table of keys. Immutable.
 *
 * @param advertised where clients are told to connect; port 0 stands for the port that {@code listener} got
 * @param logDirectory the one data directory
 * @param zookeeperConnect null for a server in the broker's own process
 * @param unknownKeys keys that nobody reads; Kafka's own files have many, so they are warned about and not refused
 */
public record BrokerConfig(
        BrokerSettings settings,
        Listener listener,
        Listener advertised,
        Path logDirectory,
        String zookeeperConnect,
        List<String> unknownKeys) {

    /** Where to listen: {@code PLAINTEXT://host:port}. */
    public record Listener(String host, int port) {}

    /** Checks everything, and says all that is wrong at once. */
    public static BrokerConfig parse(Properties properties) throws InvalidConfigException {
        Map<String, String> file = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            file.put(name, properties.getProperty(name).trim());
        }
        List<String> faults = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        file.forEach((name, value) -> {
            ConfigKey key = BrokerKeys.key(name);
            String fault = key == null ? null : key.fault(value);
            if (key == null) {
                unknown.add(name);
            } else if (fault != null) {
                faults.add(name + "=" + value + ": " + fault);
            }
        });
        file.keySet().removeAll(unknown);
        String node = file.remove("node.id");
        if (node != null && !node.equals(file.getOrDefault("broker.id", node))) {
            faults.add("node.id=" + node + " and broker.id=" + file.get("broker.id") + " are two names of one thing");
        }
        if (node != null) {
            file.putIfAbsent("broker.id", node);
        }
        if (!faults.isEmpty()) {
            throw new InvalidConfigException(faults);
        }
        if (Integer.parseInt(
                        file.getOrDefault("default.replication.factor", "1").trim())
                > 1) {
            // With several copies the others are what an answer can rest on; one copy needs the disk.
            file.putIfAbsent("flush.policy", "interval");
        }
        return checked(BrokerSettings.of(brokerId(file), file), unknown);
    }

    private static int brokerId(Map<String, String> file) {
        return Integer.parseInt(
                file.getOrDefault("broker.id", BrokerKeys.key("broker.id").defaultValue()));
    }

    private static BrokerConfig checked(BrokerSettings settings, List<String> unknown) throws InvalidConfigException {
        List<String> faults = new ArrayList<>();
        Listener listener = ListenerText.parse("listeners", settings.value("listeners"), faults);
        String told = settings.value("advertised.listeners");
        Listener advertised = told == null ? listener : ListenerText.parse("advertised.listeners", told, faults);
        if (listener != null && told == null && ListenerText.wildcard(listener)) {
            faults.add(
                    "listeners=" + settings.value("listeners") + ": clients cannot connect to a wildcard address; say"
                            + " in advertised.listeners where they find this broker");
        }
        if (settings.intValue("min.insync.replicas") > settings.intValue("default.replication.factor")) {
            faults.add("min.insync.replicas=" + settings.value("min.insync.replicas")
                    + ": with default.replication.factor=" + settings.value("default.replication.factor")
                    + " so many replicas are never in sync, and nothing could be acknowledged");
        }
        String directories = settings.configured("log.dirs");
        if (directories == null) {
            directories = settings.configured("log.dir");
        }
        if (directories == null) {
            directories = settings.value("log.dirs");
        }
        if (directories.isBlank() || directories.contains(",")) {
            faults.add("log.dirs=" + directories + ": exactly one directory is possible");
        }
        if (!faults.isEmpty()) {
            throw new InvalidConfigException(faults);
        }
        String zookeeper = settings.value("zookeeper.connect");
        return new BrokerConfig(
                settings,
                listener,
                advertised,
                Path.of(directories).toAbsolutePath().normalize(),
                zookeeper == null || zookeeper.isBlank() ? null : zookeeper,
                List.copyOf(unknown));
    }

    /** Whether who does not log in is let in: as {@code allow.anonymous} says, else on loopback only. */
    public boolean anonymous() {
        return settings.value("allow.anonymous") == null
                ? ListenerText.loopback(listener)
                : settings.flag("allow.anonymous");
    }

    /** Nobody could log in to such a broker while there are no users, and it is there for others than this machine. */
    public boolean needsUsers() {
        return !anonymous() && !ListenerText.loopback(listener);
    }

    /** Null when ZooKeeper has the users. */
    public Path usersFile() {
        String file = settings.value("users.file");
        if (file != null && !file.isBlank()) {
            return Path.of(file).toAbsolutePath().normalize();
        }
        return zookeeperConnect == null ? logDirectory.resolve("users") : null;
    }

    public int brokerId() {
        return settings.brokerId();
    }

    /** Event loops; half of the cores unless {@code num.network.threads} says otherwise. */
    public int loops() {
        return settings.value("num.network.threads") == null
                ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2)
                : settings.intValue("num.network.threads");
    }

    /** The settings of a topic's log that has none of its own. */
    public LogConfig logDefaults() {
        return TopicConfigs.resolve(Map.of(), settings);
    }
}
