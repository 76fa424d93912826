/**
 * JMS commits over several logs (docs/decisions/0003-local-commits.md). Runs on the owner of the internal partition
 * that keeps the decisions; what it does to other partitions goes through {@code CommitTargets}. Imports neither Netty
 * nor Kafka nor ZooKeeper nor {@code broker.request}.
 */
package io.penstock.broker.transaction;
