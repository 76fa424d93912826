package io.penstock.broker.partition;

import java.util.UUID;

/** Which partition. */
public record PartitionKey(UUID topicId, int index) {}
