/**
 * Consumer groups of Kafka's classic protocol and their offsets. A {@link io.penstock.broker.group.GroupShard} holds the
 * groups of one partition of {@code __consumer_offsets}, runs on that partition's owner and is rebuilt by replaying it;
 * {@link io.penstock.broker.group.GroupCoordinator} is the door for all other threads. Imports neither Kafka nor Netty
 * nor ZooKeeper: time, threads, the log and what topics exist come through ports.
 */
package io.penstock.broker.group;
