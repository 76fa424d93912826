package io.penstock.broker.replication;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.partition.Owners;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.time.Clock;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * What all replicas of a broker share.
 *
 * @param configs a topic's settings over the broker's
 * @param minInSync {@code min.insync.replicas} by a topic's settings
 * @param lagMaxNanos {@code replica.lag.time.max.ms}
 * @param fetchMaxBytes {@code replica.fetch.response.max.bytes}: of one answer
 * @param partitionMaxBytes {@code replica.fetch.max.bytes}: of one partition in an answer
 * @param fetchWaitMillis {@code replica.fetch.wait.max.ms}
 * @param leaderRate {@code leader.replication.throttled.rate}
 * @param followerRate {@code follower.replication.throttled.rate}
 */
record ReplicaContext(
        int brokerId,
        MetadataStore metadata,
        LogStore logs,
        Owners owners,
        Clock clock,
        Function<Map<String, String>, LogConfig> configs,
        ToIntFunction<Map<String, String>> minInSync,
        PeerChannel peers,
        long lagMaxNanos,
        int fetchMaxBytes,
        int partitionMaxBytes,
        int fetchWaitMillis,
        ByteRate leaderRate,
        ByteRate followerRate,
        ReplicaRules rules) {}
