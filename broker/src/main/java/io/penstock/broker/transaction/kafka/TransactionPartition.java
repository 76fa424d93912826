package io.penstock.broker.transaction.kafka;

import java.util.UUID;

/** A partition that a transaction has written to, or is about to. A topic made again by the same name is another. */
public record TransactionPartition(UUID topicId, String topic, int index) {}
