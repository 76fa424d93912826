package io.penstock.broker.zookeeper;

import java.util.UUID;

/** A partition of one incarnation of a topic. */
record PartitionKey(String topic, UUID topicId, int index) {}
