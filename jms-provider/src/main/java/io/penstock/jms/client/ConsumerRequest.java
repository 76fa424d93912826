package io.penstock.jms.client;

/**
 * What a new consumer reads.
 *
 * @param subscription null for a queue's consumer and for a non-durable subscription
 * @param creditMessages how many messages may be pushed at first
 * @param creditBytes how many bytes
 */
public record ConsumerRequest(
        Target target, Subscription subscription, boolean noLocal, int creditMessages, int creditBytes) {}
