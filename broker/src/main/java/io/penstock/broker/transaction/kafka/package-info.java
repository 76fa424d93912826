/**
 * The coordinator of Kafka producers' transactions (docs/kafka-transactions.md): state of each transactional id, kept in
 * the partitions of {@code __transaction_state} and worked on by their owners; markers go to the partitions of a
 * transaction when it is decided. Imports neither Netty nor Kafka nor ZooKeeper.
 */
package io.penstock.broker.transaction.kafka;
