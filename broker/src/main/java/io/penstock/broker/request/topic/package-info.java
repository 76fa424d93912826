/**
 * Handlers of Kafka's keys for the cluster, topics and configuration. Stateless; on event loops, completions on the
 * metadata store's thread. Imports neither Netty nor ZooKeeper.
 */
package io.penstock.broker.request.topic;
