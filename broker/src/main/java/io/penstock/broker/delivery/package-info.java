/**
 * Share partitions: what has happened to each record of a partition, for each group that reads it (docs/delivery.md).
 *
 * <p>{@link io.penstock.broker.delivery.PartitionDelivery} holds the groups of one partition and its ledger,
 * {@link io.penstock.broker.delivery.SharePartition} is one group on one partition: acquire, mark, settle, release,
 * redeliver, push by credit. Everything runs on the partition's owner; nothing here is thread safe. Time comes from
 * {@code Clock} and {@code Owner}, files only through {@code PartitionLog}. Imports neither Netty nor Kafka nor
 * ZooKeeper nor {@code broker.request}.
 */
package io.penstock.broker.delivery;
