/**
 * Partitions that have several replicas: followers that fetch, leaders that count who has what, and the rules of both as
 * pure functions; and {@link io.penstock.broker.replication.PeerChannel}, by which brokers speak to each other. State of
 * a replica belongs to its partition's owner. Imports neither Netty nor Kafka nor ZooKeeper, and nothing of requests.
 */
package io.penstock.broker.replication;
