/** A partition's state: leader epoch, high watermark, parked responses. Runs on the partition's owner. Imports neither Netty nor Kafka nor ZooKeeper. */
package io.penstock.broker.partition;
