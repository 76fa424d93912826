package io.penstock.broker.group;

/** A partition by its topic's name, which is how offsets are keyed in the offsets topic. */
public record TopicPartitionKey(String topic, int partition) {}
