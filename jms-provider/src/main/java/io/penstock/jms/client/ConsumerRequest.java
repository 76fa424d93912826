package io.penstock.jms.client;

/**
 * What a new consumer reads.
 *
 * @param subscription null for a queue's consumer and for a non-durable subscription
 * @param selector null for everything; a durable subscription has its own
 * @param browse only shows what is there up to now, and takes nothing; queues
 * @param creditMessages how many messages may be pushed at first
 * @param creditBytes how many bytes
 */
public record ConsumerRequest(
        Target target,
        Subscription subscription,
        String selector,
        boolean noLocal,
        boolean browse,
        int creditMessages,
        int creditBytes) {}
