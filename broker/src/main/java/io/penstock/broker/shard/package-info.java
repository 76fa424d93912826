/**
 * What coordinators have in common whose state lives in the partitions of an internal topic: finding and making the
 * topic, loading a shard when its partition is led here and closing it when not, writing its records and keeping their
 * log short. Shards run on their partitions' owners. Imports neither Netty nor Kafka nor ZooKeeper.
 */
package io.penstock.broker.shard;
