/** Share partitions: acquire, settle, redeliver; the ledger. Runs on the partition's owner. Imports neither Netty nor Kafka nor ZooKeeper. */
package io.penstock.broker.delivery;
