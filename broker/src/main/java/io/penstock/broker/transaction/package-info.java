/**
 * JMS commits over several logs of one broker (docs/decisions/0003-local-commits.md) and of several
 * (docs/decisions/0007-commits-over-brokers.md: {@code CommitHome}), and prepared branches of distributed transactions
 * (docs/decisions/0010-prepared-branches.md: {@code HeldBranches}). Runs on the owner of the internal partition
 * that keeps the decisions; what it does to other partitions goes through {@code CommitTargets}. Imports neither Netty
 * nor Kafka nor ZooKeeper nor {@code broker.request}.
 */
package io.penstock.broker.transaction;
