/**
 * Kafka's transactions over several brokers: implements the ports of {@code transaction.kafka} by asking the broker that
 * leads a partition, or coordinates an id, through {@code PeerChannel}. No state; any thread calls. Imports neither Netty nor
 * Kafka nor ZooKeeper.
 */
package io.penstock.broker.transaction.peers;
