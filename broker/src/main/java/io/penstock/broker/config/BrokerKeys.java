package io.penstock.broker.config;

import static io.penstock.broker.config.ConfigKey.any;
import static io.penstock.broker.config.ConfigKey.atLeast;
import static io.penstock.broker.config.ConfigKey.between;
import static io.penstock.broker.config.ConfigKey.oneOf;

import io.penstock.broker.config.ConfigKey.Check;
import io.penstock.broker.config.ConfigKey.Type;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys of {@code penstock.properties}: Kafka's wherever Kafka has one. A list, not logic. A key that only the file
 * can set is made with {@code fixed}, one that can be changed at run time with {@code dynamic}.
 */
public final class BrokerKeys {
    private static final Map<String, ConfigKey> KEYS = new LinkedHashMap<>();

    static {
        fixed("broker.id", Type.INT, "0", atLeast(0), "Id of this broker, unique in the cluster.");
        fixed(
                "listeners",
                Type.LIST,
                "PLAINTEXT://127.0.0.1:9092",
                any(),
                "Where clients connect, JMS and Kafka alike; port 0 takes a free one.");
        fixed(
                "local.socket",
                Type.BOOLEAN,
                "true",
                any(),
                "Also listen at a socket file that only the broker's user can reach: JMS clients of this host that connect by"
                        + " loopback find it by themselves, and it costs them and the broker less than TCP.");
        fixed("advertised.listeners", Type.LIST, null, any(), "What clients are told to connect to; else listeners.");
        fixed("broker.rack", Type.STRING, null, any(), "Rack of this broker, as clients see it.");
        fixed("log.dirs", Type.LIST, "data", any(), "Directories for logs, separated by commas.");
        fixed("log.dir", Type.STRING, null, any(), "One directory; used when log.dirs is not set.");
        fixed(
                "zookeeper.connect",
                Type.STRING,
                null,
                any(),
                "host:port,host:port/chroot of an ensemble; without it a server runs in the broker's own process.");
        fixed("zookeeper.session.timeout.ms", Type.INT, "18000", atLeast(100), "After which a silent broker is dead.");
        fixed(
                "zookeeper.connection.timeout.ms",
                Type.INT,
                "30000",
                atLeast(1),
                "How long a start waits for ZooKeeper before it fails.");
        fixed(
                "zookeeper.embedded.port",
                Type.INT,
                "0",
                between(0, 65535),
                "Loopback port of the server in the broker's own process; 0 takes a free one.");

        dynamic(
                "flush.policy",
                Type.STRING,
                "before-reply",
                oneOf("before-reply", "interval", "never"),
                "When records are forced to disk: before the reply, in the background, or when the system likes;"
                        + " interval is the default where default.replication.factor is above 1.");
        dynamic("log.retention.ms", Type.LONG, null, atLeast(-1), "How long records are kept; -1 for ever.");
        dynamic("log.retention.minutes", Type.INT, null, atLeast(-1), "The same in minutes; weaker than ms.");
        dynamic("log.retention.hours", Type.INT, "168", atLeast(-1), "The same in hours; the weakest.");
        dynamic("log.retention.bytes", Type.LONG, "-1", atLeast(-1), "Size at which a partition's oldest segments go.");
        fixed(
                "log.retention.check.interval.ms",
                Type.LONG,
                "300000",
                atLeast(1),
                "How often retention looks for segments to delete.");
        dynamic("log.segment.bytes", Type.INT, "1073741824", atLeast(1024), "Size at which a new segment begins.");
        dynamic("log.roll.ms", Type.LONG, null, atLeast(1), "Age at which a new segment begins.");
        dynamic("log.roll.hours", Type.INT, "168", atLeast(1), "The same in hours; weaker than ms.");
        dynamic("log.flush.interval.messages", Type.LONG, null, atLeast(1), "Force after so many records.");
        dynamic("log.flush.interval.ms", Type.LONG, null, atLeast(0), "Force after so long.");
        dynamic("log.index.interval.bytes", Type.INT, "4096", atLeast(0), "Bytes between two index entries.");
        dynamic(
                "log.message.timestamp.type",
                Type.STRING,
                "CreateTime",
                TopicKeys.TIMESTAMP_TYPE,
                "Whose clock stamps records.");
        dynamic("log.cleanup.policy", Type.LIST, "delete", TopicKeys.CLEANUP, "What happens to old segments.");
        dynamic("message.max.bytes", Type.INT, "1048588", atLeast(0), "The largest batch that is accepted.");
        dynamic("compression.type", Type.STRING, "producer", TopicKeys.COMPRESSION, "Compression of stored batches.");
        dynamic("min.insync.replicas", Type.INT, "1", atLeast(1), "Replicas that acks=all waits for at the least.");
        dynamic(
                "unclean.leader.election.enable",
                Type.BOOLEAN,
                "false",
                any(),
                "Let a replica lead that may lack acknowledged records, when no other is left; a possible loss.");

        fixed(
                "replica.lag.time.max.ms",
                Type.LONG,
                "30000",
                atLeast(1),
                "A follower that is behind for longer is out.");
        fixed("replica.fetch.max.bytes", Type.INT, "1048576", atLeast(0), "Of one partition in a follower's fetch.");
        fixed("replica.fetch.response.max.bytes", Type.INT, "10485760", atLeast(0), "Of a follower's whole fetch.");
        fixed("replica.fetch.wait.max.ms", Type.INT, "500", atLeast(0), "How long a follower's fetch waits at most.");
        dynamic(
                "leader.replication.throttled.rate",
                Type.LONG,
                "9223372036854775807",
                atLeast(0),
                "Bytes in a second that leaders here give to throttled replicas that are not in sync.");
        dynamic(
                "follower.replication.throttled.rate",
                Type.LONG,
                "9223372036854775807",
                atLeast(0),
                "Bytes in a second that throttled replicas here take that are not in sync.");
        dynamic(
                "replica.alter.log.dirs.io.max.bytes.per.second",
                Type.LONG,
                "9223372036854775807",
                atLeast(0),
                "Taken, without effect: replicas are not moved between directories of one broker.");
        fixed("num.partitions", Type.INT, "1", atLeast(1), "Partitions of a topic that does not say how many.");
        fixed(
                "default.replication.factor",
                Type.INT,
                "1",
                between(1, Short.MAX_VALUE),
                "Replicas of a topic that does not say.");
        fixed(
                "offsets.topic.replication.factor",
                Type.INT,
                null,
                between(1, Short.MAX_VALUE),
                "Replicas of internal topics: group offsets, subscriptions, transactions;"
                        + " default.replication.factor without it.");
        fixed(
                "controlled.shutdown.enable",
                Type.BOOLEAN,
                "true",
                any(),
                "A stopping broker has its leaderships moved before it is gone.");
        fixed(
                "controlled.shutdown.timeout.ms",
                Type.LONG,
                "5000",
                atLeast(0),
                "So long a stop waits for that at the most.");
        fixed(
                "auto.leader.rebalance.enable",
                Type.BOOLEAN,
                "true",
                any(),
                "The controller gives leaderships back to the first replicas by itself.");
        fixed(
                "leader.imbalance.check.interval.seconds",
                Type.LONG,
                "300",
                atLeast(1),
                "How often the controller looks whether leaderships are out of balance.");
        fixed(
                "leader.imbalance.per.broker.percentage",
                Type.INT,
                "10",
                between(0, 100),
                "Of the partitions that a broker should lead: when more are led by others, it gets them back.");
        fixed(
                "auto.create.topics.enable",
                Type.BOOLEAN,
                "true",
                any(),
                "Make a topic when a client first asks for it.");
        fixed("delete.topic.enable", Type.BOOLEAN, "true", any(), "Whether topics can be deleted.");
        fixed("offsets.topic.num.partitions", Type.INT, "8", atLeast(1), "Partitions of the topic of group offsets.");
        fixed("offsets.retention.minutes", Type.INT, "10080", atLeast(1), "How long an empty group's offsets stay.");
        fixed(
                "offsets.retention.check.interval.ms",
                Type.LONG,
                "600000",
                atLeast(1),
                "How often offsets are looked for that have had their time.");
        fixed("offset.metadata.max.bytes", Type.INT, "4096", atLeast(0), "The longest text kept with an offset.");
        fixed("group.max.size", Type.INT, "2147483647", atLeast(1), "Members of one group.");
        fixed(
                "transaction.state.log.num.partitions",
                Type.INT,
                "8",
                atLeast(1),
                "Partitions of the topic of transactions.");
        fixed(
                "transaction.state.log.replication.factor",
                Type.INT,
                null,
                between(1, Short.MAX_VALUE),
                "Replicas of the topic of transactions; default.replication.factor without it.");
        fixed("transaction.state.log.min.isr", Type.INT, "1", atLeast(1), "Replicas in sync that it needs at least.");
        fixed(
                "transactional.id.expiration.ms",
                Type.LONG,
                "604800000",
                atLeast(1),
                "How long a transactional id that nobody uses is remembered.");
        fixed(
                "transaction.max.timeout.ms",
                Type.INT,
                "900000",
                atLeast(1),
                "The longest time-out that a transaction may ask for.");
        fixed(
                "transaction.abort.timed.out.transaction.cleanup.interval.ms",
                Type.INT,
                "10000",
                atLeast(1),
                "How often transactions are looked at that have timed out.");
        fixed(
                "transaction.remove.expired.transaction.cleanup.interval.ms",
                Type.INT,
                "3600000",
                atLeast(1),
                "How often transactional ids are looked at that nobody uses.");
        fixed("group.initial.rebalance.delay.ms", Type.INT, "0", atLeast(0), "Wait for more members at first.");
        fixed("group.min.session.timeout.ms", Type.INT, "6000", atLeast(1), "Least session time-out of a member.");
        fixed("group.max.session.timeout.ms", Type.INT, "1800000", atLeast(1), "Most session time-out of a member.");
        fixed("socket.request.max.bytes", Type.INT, "104857600", atLeast(1), "The largest request.");
        fixed(
                "large.message.max.bytes",
                Type.INT,
                "104857600",
                atLeast(1),
                "The largest body of a JMS message; one of more than a million bytes travels in pieces.");
        fixed("queued.max.request.bytes", Type.LONG, "-1", atLeast(-1), "Bytes of requests in work, over all.");
        fixed("connections.max.idle.ms", Type.LONG, "600000", atLeast(-1), "Idle connections are closed after it.");
        fixed("max.connections", Type.INT, "2147483647", atLeast(1), "Connections at the same time.");
        fixed("fetch.max.bytes", Type.INT, "57671680", atLeast(1024), "The most one fetch returns.");
        fixed("max.incremental.fetch.session.cache.slots", Type.INT, "1000", atLeast(0), "Fetch sessions kept.");
        fixed(
                "allow.anonymous",
                Type.BOOLEAN,
                null,
                any(),
                "Let in who does not log in; without it, only where listeners is a loopback address.");
        fixed(
                "users.file",
                Type.STRING,
                null,
                any(),
                "The users, kept by `penstock user`; without it, ZooKeeper has them where zookeeper.connect is set, else"
                        + " the file users in log.dirs.");
        fixed("sasl.server.max.receive.size", Type.INT, "65536", atLeast(1024), "The largest request before a login.");
        fixed("num.network.threads", Type.INT, null, atLeast(1), "Event loops; half of the cores without it.");
        fixed("node.id", Type.INT, null, atLeast(0), "The same as broker.id.");
    }

    private BrokerKeys() {}

    /** Null when there is no such key. */
    public static ConfigKey key(String name) {
        return KEYS.get(name);
    }

    public static Collection<ConfigKey> keys() {
        return Collections.unmodifiableCollection(KEYS.values());
    }

    private static void fixed(String name, Type type, String value, Check check, String documentation) {
        KEYS.put(name, new ConfigKey(name, type, value, check, List.of(), false, documentation));
    }

    private static void dynamic(String name, Type type, String value, Check check, String documentation) {
        KEYS.put(name, new ConfigKey(name, type, value, check, List.of(), true, documentation));
    }
}
