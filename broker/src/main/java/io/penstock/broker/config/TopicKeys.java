package io.penstock.broker.config;

import static io.penstock.broker.config.ConfigKey.any;
import static io.penstock.broker.config.ConfigKey.atLeast;
import static io.penstock.broker.config.ConfigKey.oneOf;
import static io.penstock.broker.config.ConfigKey.only;

import io.penstock.broker.config.ConfigKey.BrokerKey;
import io.penstock.broker.config.ConfigKey.Check;
import io.penstock.broker.config.ConfigKey.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys of a topic's configuration: Kafka's names, and ours. A list, not logic. */
public final class TopicKeys {
    static final Check TIMESTAMP_TYPE = oneOf("CreateTime", "LogAppendTime");
    static final Check CLEANUP = only("delete", "compaction is not implemented yet");
    static final Check COMPRESSION = only("producer", "batches are stored as they came");

    private static final Map<String, ConfigKey> KEYS = new LinkedHashMap<>();

    static {
        key("cleanup.policy", Type.LIST, "delete", CLEANUP, "What happens to old segments.", "log.cleanup.policy");
        key("compression.type", Type.STRING, "producer", COMPRESSION, "Of stored batches.", "compression.type");
        key(
                "delete.retention.ms",
                Type.LONG,
                "86400000",
                atLeast(0),
                "Taken, without effect: nothing is compacted yet.");
        key(
                "file.delete.delay.ms",
                Type.LONG,
                "60000",
                atLeast(0),
                "Taken, without effect: a segment's file goes as soon as the log's new start is durable.");
        key(
                "flush.messages",
                Type.LONG,
                "9223372036854775807",
                atLeast(1),
                "With flush.policy=interval: force after so many records.",
                "log.flush.interval.messages");
        key(
                "flush.ms",
                Type.LONG,
                "1000",
                atLeast(0),
                "With flush.policy=interval: force after so many milliseconds.",
                "log.flush.interval.ms");
        key(
                "flush.policy",
                Type.STRING,
                "before-reply",
                oneOf("before-reply", "interval", "never"),
                "When records are forced to disk; wins over flush.messages and flush.ms.",
                "flush.policy");
        key(
                "index.interval.bytes",
                Type.INT,
                "4096",
                atLeast(0),
                "Bytes between two entries of the indexes.",
                "log.index.interval.bytes");
        key(
                "max.message.bytes",
                Type.INT,
                "1048588",
                atLeast(0),
                "The largest batch that is accepted.",
                "message.max.bytes");
        key(
                ThrottledReplicas.FOLLOWERS,
                Type.LIST,
                "",
                ThrottledReplicas::fault,
                "Replicas, as partition:broker or * for all, that follow by follower.replication.throttled.rate.");
        key(
                ThrottledReplicas.LEADERS,
                Type.LIST,
                "",
                ThrottledReplicas::fault,
                "Replicas, as partition:broker or * for all, that lead by leader.replication.throttled.rate.");
        key(
                "message.timestamp.type",
                Type.STRING,
                "CreateTime",
                TIMESTAMP_TYPE,
                "Whose clock stamps records.",
                "log.message.timestamp.type");
        key(
                "min.insync.replicas",
                Type.INT,
                "1",
                atLeast(1),
                "Replicas that acks=all waits for at the least.",
                "min.insync.replicas");
        key("preallocate", Type.BOOLEAN, "true", only("true", "segments are always preallocated"), "Of segments.");
        key(
                "retention.bytes",
                Type.LONG,
                "-1",
                atLeast(-1),
                "Size at which a partition's oldest segments go; -1 sets no limit.",
                "log.retention.bytes");
        put(new ConfigKey(
                "retention.ms",
                Type.LONG,
                "604800000",
                atLeast(-1),
                List.of(
                        new BrokerKey("log.retention.ms", 1),
                        new BrokerKey("log.retention.minutes", 60_000),
                        new BrokerKey("log.retention.hours", 3_600_000)),
                true,
                "How long records are kept; -1 for ever."));
        key(
                "segment.bytes",
                Type.INT,
                "1073741824",
                atLeast(1024),
                "Size at which a new segment begins.",
                "log.segment.bytes");
        put(new ConfigKey(
                "segment.ms",
                Type.LONG,
                "604800000",
                atLeast(1),
                List.of(new BrokerKey("log.roll.ms", 1), new BrokerKey("log.roll.hours", 3_600_000)),
                true,
                "Age of a segment's first record at which a new segment begins."));
        key(
                "unclean.leader.election.enable",
                Type.BOOLEAN,
                "false",
                any(),
                "Whether a replica that may lack acknowledged records may lead when no other is left.",
                "unclean.leader.election.enable");
        key(
                "penstock.kind",
                Type.STRING,
                "",
                oneOf("", "queue", "topic"),
                "Whether JMS sees a queue or a topic; empty for topics made by Kafka clients, set once.");
        key(
                "penstock.retention",
                Type.STRING,
                "",
                oneOf("", "consumed", "time"),
                "When records go: consumed when all have settled them, time by retention.ms and retention.bytes alone;"
                        + " empty means consumed for destinations made by JMS and time for others.");
        key(
                "penstock.retention.settled.ms",
                Type.LONG,
                "0",
                atLeast(0),
                "With penstock.retention=consumed: keeps settled records so much longer.");
    }

    private TopicKeys() {}

    /** Null when there is no such key. */
    public static ConfigKey key(String name) {
        return KEYS.get(name);
    }

    public static Collection<ConfigKey> keys() {
        return Collections.unmodifiableCollection(KEYS.values());
    }

    private static void key(
            String name, Type type, String value, Check check, String documentation, String... brokerKeys) {
        List<BrokerKey> inherits =
                Arrays.stream(brokerKeys).map(key -> new BrokerKey(key, 1)).toList();
        put(new ConfigKey(name, type, value, check, inherits, true, documentation));
    }

    private static void put(ConfigKey key) {
        KEYS.put(key.name(), key);
    }
}
